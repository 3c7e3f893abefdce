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
/** A text about certificates, such as a policy. */
const about = /retningslinje|(?<!\p{L})politik(?!reds)|procedure|vejledning|skabelon|policy|guidance|template/iu;
/** The declaration that we ask for: somebody declares, in one sentence, that certificates were obtained or seen. That nothing is registered is what a certificate confirms. */
const obtained = '(?:indhent|fremvist|forevist|obtain|seen)';
const declares = new RegExp(`(?:erklær|bekræft|declar|confirm)[^.]{0,200}${obtained}|${obtained}[^.]{0,100}(?:erklær|bekræft|declar|confirm)`, 'i');
/** A table with a column or a heading that tells whether they were obtained. */
const column = new RegExp(`${names}(?:er|s)? ${obtained}`, 'i');

/** Certificates are one page, with the name at the top. */
const longest = 6_000;
const top = 1_500;

/**
 * Judges by the text alone. `beginning` holds at least the first 6,000 characters; `length` is that of the whole text. A text that declares and yet reads like a
 * certificate with a person's number in it goes to a person. A certificate that was photographed has no text and is not seen here.
 */
export function likenessToCertificate(beginning: string, length: number, mentionsCpr: boolean): Likeness {
  if (length > longest || !named.test(beginning.slice(0, top))) return 'no';
  const isDeclaration = declares.test(beginning.slice(0, top)) || about.test(beginning.slice(0, 200));
  const readsLikeOne = issuer.test(beginning) && outcome.test(beginning);
  if (readsLikeOne && !isDeclaration) return 'yes';
  if (readsLikeOne && mentionsCpr) return 'perhaps';
  if (isDeclaration || about.test(beginning) || column.test(beginning)) return 'no';
  return heading.test(beginning.slice(0, top)) && (mentionsCpr || issuer.test(beginning) || outcome.test(beginning)) ? 'perhaps' : 'no';
}
