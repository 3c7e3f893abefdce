/** Whether a text is a child protection certificate or a criminal record certificate, which nobody may send us, or only speaks of one. */
export type Likeness = 'yes' | 'perhaps' | 'no';

const names =
  '(?:b(?:ø|oe)rneattest|(?:privat|offentlig) straffeattest|straffeattest|child protection certificate|criminal records? certificate|certificate of (?:no )?criminal records?|police certificate)';
const named = new RegExp(`(?<![\\p{L}])${names}(?![\\p{L}])`, 'iu');
/** A line that is the name and hardly more: a heading. */
const heading = new RegExp(`^\\s*${names}(?![\\p{L}])[^\\n]{0,40}$`, 'imu');
/** Who issues them. */
const issuer = /kriminalregist|rigspolitiet|politidirekt|national police|criminal regist/i;
/** What they say of a person. */
const outcome =
  /(?:ingen|ikke) (?:\p{L}+ ){0,4}(?:oplysninger|registreret|noteret|afgørelser|anmærkninger)|straffelovens? §|no (?:\p{L}+ ){0,4}(?:convictions?|entries|information|records?)|criminal code/iu;
/** A text about certificates, such as the declaration that we ask for, or a policy. */
const about = /erklær|bekræft|retningslinje|politik|procedure|vejledning|skabelon|declar|confirm|policy|guidance|template/i;

/** Certificates are one page, with the name at the top. */
const longest = 6_000;
const top = 1_500;

/**
 * Judges by the text alone. `beginning` holds at least the first 6,000 characters; `length` is that of the whole text. A certificate that was photographed has no text
 * and is not seen here.
 */
export function likenessToCertificate(beginning: string, length: number, mentionsCpr: boolean): Likeness {
  if (length > longest || !named.test(beginning.slice(0, top))) return 'no';
  if (issuer.test(beginning) && outcome.test(beginning) && !about.test(beginning.slice(0, 200))) return 'yes';
  if (about.test(beginning)) return 'no';
  return heading.test(beginning.slice(0, top)) && (mentionsCpr || issuer.test(beginning) || outcome.test(beginning)) ? 'perhaps' : 'no';
}
