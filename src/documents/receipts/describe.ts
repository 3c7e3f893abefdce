import { formatBytes, formatDate, formatExactInstant, formatNumber, formatTitle } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { receiptMessages } from './messages.ts';
import type { Receipt, Verdict } from './verify.ts';

/** What came of a check, in words; the page shows it the same whether the browser or the server made it. */
export type Block =
  | { readonly kind: 'notice'; readonly tone: 'good' | 'warn' | 'bad'; readonly title: string; readonly text: readonly string[] }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'files'; readonly heading: string; readonly text?: string | undefined; readonly files: readonly ShownFile[] };

interface ShownFile {
  readonly name: string;
  readonly detail: string;
  readonly state?: { readonly tone: 'good' | 'wait' | 'bad'; readonly text: string } | undefined;
}

/** A file that was chosen along with a receipt, or alone. */
export interface ChosenFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** What the municipality says of a file that came without a receipt: the day (YYYY-MM-DD) it was first received, null: never. */
export type Answer = { readonly receivedOn: string | null } | 'offline' | 'too-many';

interface Reader {
  readonly owner: string;
  readonly lang: Language;
}

/** A receipt that was checked, with the files chosen along with it. */
export function receiptBlocks(verdict: Verdict, source: { readonly name: string; readonly isPdf: boolean }, chosen: readonly ChosenFile[], { owner, lang }: Reader): Block[] {
  const t = receiptMessages[lang];
  if (verdict.fault) {
    const { title, text } = t.faults[verdict.fault](owner);
    return [{ kind: 'notice', tone: 'bad', title, text: [`${t.file}: ${source.name}`, text] }];
  }
  const { statement } = verdict.receipt;
  const listed = [...statement.files, { name: t.answers, ...statement.answers }];
  const strangers = chosen.filter(({ sha256 }) => !listed.some((file) => file.sha256 === sha256));
  const same = (sha256: string): ShownFile['state'] => (chosen.some((file) => file.sha256 === sha256) ? { tone: 'good', text: t.sameFile } : undefined);
  const unlisted = ({ name, sizeBytes, sha256 }: ChosenFile): ShownFile => ({ name, detail: detailOf(sizeBytes, sha256, lang), state: { tone: 'bad', text: t.notListed } });
  return [
    { kind: 'notice', tone: 'good', title: t.valid, text: [t.validText(statement.municipality.name[lang]), ...(source.isPdf ? [t.pdfNote] : [])] },
    { kind: 'facts', facts: factsOf(verdict.receipt, lang) },
    {
      kind: 'files',
      heading: t.receiptFiles,
      text: statement.files.length === 0 ? t.noFiles : chosen.length === 0 ? t.compare : undefined,
      files: listed.map(({ name, sizeBytes, sha256 }) => ({ name, detail: detailOf(sizeBytes, sha256, lang), state: same(sha256) })),
    },
    ...(strangers.length === 0 ? [] : [{ kind: 'files' as const, heading: t.otherFiles, text: t.notListedText, files: strangers.map(unlisted) }]),
  ];
}

/** Files of which none is a receipt, with what the municipality says of each. */
export function aloneBlocks(files: readonly (ChosenFile & { readonly answer: Answer })[], { lang }: Reader): Block[] {
  const t = receiptMessages[lang];
  const answers = files.map(({ answer }) => answer);
  const text = answers.includes('too-many') ? t.tooManyText : answers.includes('offline') ? t.offlineText : t.aloneText;
  const allKnown = answers.every((answer) => typeof answer !== 'string' && answer.receivedOn !== null);
  return [
    allKnown
      ? { kind: 'notice', tone: 'good', title: t.allKnown(files.length), text: [t.allKnownText] }
      : { kind: 'notice', tone: 'warn', title: t.faults['not-a-receipt']('').title, text: [text] },
    {
      kind: 'files',
      heading: t.yourFiles,
      files: files.map(({ name, sizeBytes, sha256, answer }) => ({ name, detail: detailOf(sizeBytes, sha256, lang), state: stateOf(answer, lang) })),
    },
  ];
}

function stateOf(answer: Answer, lang: Language): ShownFile['state'] {
  const t = receiptMessages[lang];
  if (typeof answer === 'string') return { tone: 'wait', text: t.notAsked };
  return answer.receivedOn ? { tone: 'good', text: t.known(formatDate(answer.receivedOn, lang)) } : { tone: 'bad', text: t.unknown };
}

/** Something that could not be checked at all. */
export function problemBlock(problem: 'tooLarge' | 'unreadable' | 'noCrypto' | 'nothingChosen', lang: Language): Block {
  const { title, text } = receiptMessages[lang][problem];
  return { kind: 'notice', tone: 'warn', title, text: [text] };
}

/** What a receipt says, name by name. */
export function factsOf({ statement, log }: Receipt, lang: Language): (readonly [name: string, value: string])[] {
  const t = receiptMessages[lang];
  const { supplier, obligation, agreement, municipality } = statement;
  const [seq, loggedAt, , event] = JSON.parse(log.entry) as [number, string, unknown, string];
  const placeText = event === 'receipt.issued' ? t.placedLater : t.placeText;
  const title = obligation.title[lang];
  return [
    [t.number, statement.number],
    [t.issuer, `${municipality.name[lang]} (CVR ${municipality.cvr})`],
    [t.receivedAt, `${formatExactInstant(new Date(statement.submittedAt), lang)} (${t.danishTime})`],
    [t.filedBy, `${statement.submittedBy}, ${supplier.name} (CVR ${supplier.cvr})`],
    [t.documentation, formatTitle(title, obligation, lang)],
    [t.agreement, `${agreement.number} ${agreement.title[lang]}`],
    [t.dueOn, formatDate(obligation.dueOn, lang)],
    ...(statement.round > 1 ? [[t.round, String(statement.round)] as const] : []),
    [t.place, placeText(formatNumber(seq, lang), `${formatExactInstant(new Date(loggedAt), lang)} (${t.danishTime})`)],
  ];
}

export function detailOf(sizeBytes: number, sha256: string, lang: Language): string {
  return `${formatBytes(sizeBytes, lang)}, SHA-256 ${sha256}`;
}
