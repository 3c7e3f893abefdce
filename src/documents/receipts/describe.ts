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

/** A file with a receipt in it, and what came of checking that. */
export interface CheckedReceipt {
  readonly name: string;
  readonly isPdf: boolean;
  /** A PDF without its end: the receipt inside is whole, what people read around it is not. */
  readonly isCut: boolean;
  readonly verdict: Verdict;
}

/** The end of a PDF, behind which there is room for little else (ISO 32000-2, 7.5.5). */
export function shapeOf(bytes: Uint8Array): { readonly isPdf: boolean; readonly isCut: boolean } {
  const text = (part: Uint8Array): string => new TextDecoder('latin1').decode(part);
  const isPdf = text(bytes.subarray(0, 4)) === '%PDF';
  return { isPdf, isCut: isPdf && !text(bytes.subarray(-1_024)).includes('%%EOF') };
}

/** Receipts that were checked, each with its own result, and the files chosen along with them; above all, the worst of it. */
export function receiptBlocks(receipts: readonly CheckedReceipt[], chosen: readonly ChosenFile[], reader: Reader): Block[] {
  const t = receiptMessages[reader.lang];
  const listed = receipts.flatMap(({ verdict }) => (verdict.fault ? [] : listedOn(verdict.receipt, reader.lang)));
  // A receipt that does not hold says nothing about files.
  const strangers = listed.length === 0 ? [] : chosen.filter(({ sha256 }) => !listed.some((file) => file.sha256 === sha256));
  const isSeveral = receipts.length > 1;
  const bad = receipts.filter(({ verdict }) => verdict.fault).length;
  const several: Block[] = !isSeveral
    ? []
    : bad > 0
      ? [{ kind: 'notice', tone: 'bad', title: t.someBad(bad, receipts.length), text: [t.eachBelow] }]
      : [{ kind: 'notice', tone: strangers.length > 0 || receipts.some(({ isCut }) => isCut) ? 'warn' : 'good', title: t.allValid(receipts.length), text: [t.eachBelow] }];
  const unlisted = ({ name, sizeBytes, sha256 }: ChosenFile): ShownFile => ({ name, detail: detailOf(sizeBytes, sha256, reader.lang), state: { tone: 'bad', text: t.notListed } });
  return [
    ...several,
    ...receipts.flatMap((receipt) => oneReceipt(receipt, chosen, reader, { isSeveral, strangers: isSeveral ? 0 : strangers.length })),
    ...(strangers.length === 0 ? [] : [{ kind: 'files' as const, heading: t.otherFiles, text: t.notListedText, files: strangers.map(unlisted) }]),
  ];
}

const listedOn = ({ statement }: Receipt, lang: Language) => [...statement.files, { name: receiptMessages[lang].answers, ...statement.answers }];

function oneReceipt(
  { verdict, name: fileName, isPdf, isCut }: CheckedReceipt,
  chosen: readonly ChosenFile[],
  { owner, lang }: Reader,
  { isSeveral, strangers }: { readonly isSeveral: boolean; readonly strangers: number },
): Block[] {
  const t = receiptMessages[lang];
  if (verdict.fault) {
    const { title, text } = t.faults[verdict.fault](owner);
    return [{ kind: 'notice', tone: 'bad', title, text: [`${t.file}: ${fileName}`, text] }];
  }
  const { statement } = verdict.receipt;
  const same = (sha256: string): ShownFile['state'] => (chosen.some((file) => file.sha256 === sha256) ? { tone: 'good', text: t.sameFile } : undefined);
  const text = [
    ...(isSeveral ? [`${t.file}: ${fileName}`] : []),
    ...(isCut ? [t.cutText] : []),
    t.validText(statement.municipality.name[lang]),
    ...(isPdf && !isCut ? [t.pdfNote] : []),
  ];
  const title = isCut ? t.cut : strangers > 0 ? t.validButFiles(strangers) : t.valid;
  return [
    { kind: 'notice', tone: isCut || strangers > 0 ? 'warn' : 'good', title, text },
    { kind: 'facts', facts: factsOf(verdict.receipt, lang) },
    {
      kind: 'files',
      heading: t.receiptFiles,
      text: statement.files.length === 0 ? t.noFiles : chosen.length === 0 ? t.compare : undefined,
      files: listedOn(verdict.receipt, lang).map(({ name, sizeBytes, sha256 }) => ({ name, detail: detailOf(sizeBytes, sha256, lang), state: same(sha256) })),
    },
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
