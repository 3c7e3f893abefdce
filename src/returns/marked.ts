import type { TableField } from '../followup/obligation-type.ts';
import type { Language } from '../i18n/language.ts';
import { unguarded } from '../spreadsheet/guard.ts';
import type { Row } from '../spreadsheet/read.ts';
import { annotatedXlsxStream, csvStream, type MarkedCell, type MarkedRow, type Value } from '../spreadsheet/write.ts';
import { type CheckContext, checkRows, type ReturnFile } from './check.ts';
import { type Finding, isError } from './findings.ts';
import type { CellValue } from './reading/cells.ts';
import { isMarksHeader, letterOf, marksHeader } from './reading/columns.ts';
import { checkMessages } from './words/page.ts';
import { mendingOf, sentenceOf, wrongIn } from './words/words.ts';

const isBad = (cell: Value | MarkedCell): cell is MarkedCell => typeof cell === 'object' && cell !== null && !(cell instanceof Date);

/**
 * The same lines back in the same places, each finding in words in a column of its own; in a workbook also as a colour and a note on its cell.
 * The file is read once more: `width` is how wide the first reading found it. Throws as the reading does, before anything is sent or in the middle.
 */
export async function markedFile(
  file: ReturnFile,
  context: CheckContext,
  { width, sheet, lang }: { width: number; sheet: string; lang: Language },
): Promise<ReadableStream<Uint8Array>> {
  const { layout, above, headerFindings, batches } = await checkRows(file, context);
  const own = layout.header.findIndex(isMarksHeader);
  const marksAt = own < 0 ? width : own;
  const columnOf = new Map(layout.places.map((place, column) => [place, column]));
  const asNumber = (value: CellValue | undefined, text: string): boolean => typeof value === 'number' && (file.kind === 'xlsx' || /^[-+]/.test(text));

  function asValue({ text }: Row['cells'][number], value: CellValue | undefined): Value {
    const plain = unguarded(text);
    if (asNumber(value, plain)) return value as number;
    return file.kind === 'xlsx' && typeof value === 'string' && value === plain && /^\d{4}-\d{2}-\d{2}$/.test(plain) ? new Date(`${plain}T00:00:00Z`) : plain;
  }
  function marked({ line, cells }: Row, values: readonly CellValue[], findings: readonly Finding[]): MarkedRow {
    const out: (Value | MarkedCell)[] = cells.map((cell, place) => asValue(cell, values[columnOf.get(place) ?? -1]));
    while (out.length < marksAt) out.push(null);
    for (const finding of findings) {
      if (finding.place === null) continue;
      const value = out[finding.place] ?? null;
      out[finding.place] = { value: isBad(value) ? value.value : value, mark: isError(finding) ? 'bad' : 'warn', note: sentenceOf(finding, lang) };
    }
    const words = findings.map((finding) => `${finding.place === null ? '' : `${layout.header[finding.place] ?? ''}: `}${sentenceOf(finding, lang)}`).join(' ');
    out[marksAt] = line === layout.headerLine && words === '' ? marksHeader[lang] : line === layout.headerLine ? `${marksHeader[lang]} (${words})` : words || null;
    return out;
  }
  async function* lines(): AsyncGenerator<MarkedRow> {
    let at = 1;
    const upTo = function* (line: number): Generator<MarkedRow> {
      for (; at < line; at += 1) yield [];
    };
    for (const row of above) {
      yield* upTo(row.line);
      yield row.line === layout.headerLine ? marked(row, [], headerFindings) : row.cells.map(({ text }) => unguarded(text));
      at += linesOf(row);
    }
    for await (const batch of batches) {
      for (const { row, checked } of batch) {
        yield* upTo(row.line);
        yield marked(row, checked.values, checked.findings);
        at += linesOf(row);
      }
    }
  }
  /** A row of a CSV takes more than one line where its texts do. */
  const linesOf = ({ cells }: Row): number => (file.kind === 'xlsx' ? 1 : cells.reduce((sum, { text }) => sum + (text.match(/\r\n|\r|\n/g)?.length ?? 0), 1));

  const all = lines();
  const first = await all.next();
  const head = (first.done ? [] : first.value).map((cell) => String((isBad(cell) ? cell.value : cell) ?? ''));
  if (file.kind === 'xlsx')
    return annotatedXlsxStream(head, all, {
      sheet,
      author: checkMessages[lang].author,
      headNotes: first.done ? [] : first.value.map((cell) => (isBad(cell) ? cell.note : undefined)),
    });
  return csvStream(head, plain(all));
}

async function* plain(rows: AsyncIterable<MarkedRow>): AsyncGenerator<Value[]> {
  for await (const row of rows) yield row.map((cell) => (isBad(cell) ? cell.value : cell));
}

/** Every finding as a line of a CSV. The file is read once more. */
export async function findingsList(file: ReturnFile, context: CheckContext, lang: Language): Promise<ReadableStream<Uint8Array>> {
  const { layout, headerFindings, batches } = await checkRows(file, context);
  const t = checkMessages[lang];
  const asRow = (finding: Finding): Value[] => [
    finding.line,
    finding.place === null ? '' : letterOf(finding.place),
    finding.place === null ? (finding.column ?? '') : (layout.header[finding.place] ?? ''),
    isError(finding) ? t.error : t.warning,
    finding.found,
    wrongIn(finding.code, lang),
    mendingOf(finding, lang),
    finding.code,
  ];
  async function* lines(): AsyncGenerator<Value[]> {
    for (const finding of headerFindings) yield asRow(finding);
    for await (const batch of batches) for (const { checked } of batch) for (const finding of checked.findings) yield asRow(finding);
  }
  return csvStream(t.listHead, lines());
}

/** An empty file with the columns of a return; in a workbook each says what belongs in it, and where one chooses, there is a list to choose from. */
export function template({ columns, label }: TableField, kind: ReturnFile['kind'], lang: Language): ReadableStream<Uint8Array> {
  const t = checkMessages[lang];
  const head = columns.map(({ header }) => header[lang]);
  if (kind === 'csv') return csvStream(head, []);
  const choices = new Map<number, readonly string[]>();
  for (const [place, { type, options }] of columns.entries()) {
    if (type === 'yes-no') choices.set(place, ['ja', 'nej']);
    if (options)
      choices.set(
        place,
        options.map(({ value }) => value),
      );
  }
  const headNotes = columns.map(({ hint, example, required }) => [required ? t.mustFill : t.mayFill, hint[lang], example && t.example(example)].filter(Boolean).join(' '));
  return annotatedXlsxStream(head, [], { sheet: label[lang], author: t.author, widths: head.map((name) => Math.max(12, name.length + 4)), headNotes, choices });
}
