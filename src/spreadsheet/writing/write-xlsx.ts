import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { escaped } from '../cell-text.ts';
import { encoded, type Rows, streamOf } from './byte-stream.ts';
import { columnName, type MarkedRows, rowXml, styles } from './cells.ts';
import { type Note, notesXml, shapesXml } from './notes.ts';

/** Rows that Excel has room for in one sheet. */
const mostRows = 1_048_576;
/** Notes beyond these are left out: the words of a cell's mark should stand in a column too. */
const mostNotes = 5_000;

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';

const contentTypes = (
  annotated: boolean,
): string => `${declaration}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>${
  annotated
    ? '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/><Override PartName="/xl/comments1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/>'
    : ''
}</Types>`;

export interface XlsxOptions {
  /** Made valid where it is not: without \ / ? * [ ] :, at most 31 characters, 'Ark1' for nothing. */
  readonly sheet: string;
  /** Widths of the columns in characters; Excel's own width where there is none. */
  readonly widths?: readonly number[];
}

export interface AnnotatedOptions extends XlsxOptions {
  /** What is said when somebody points at a header; the author's name stands above it. */
  readonly headNotes?: readonly (string | undefined)[];
  /** What may be chosen in a column counted from 0, below the head; other values may be typed. */
  readonly choices?: ReadonlyMap<number, readonly string[]>;
  readonly author: string;
}

/**
 * A workbook of one sheet with a bold head that stays in view and can be filtered. Texts are texts, so none is ever a formula; numbers and days are
 * real ones. Characters that XML forbids are taken out, and a text is cut off at the 32,767 characters that Excel has room for.
 * Rows are asked for only as fast as the stream is read. The stream fails with a RangeError at more rows than a sheet can hold.
 */
export function xlsxStream(head: readonly string[], rows: Rows, options: XlsxOptions): ReadableStream<Uint8Array> {
  return streamOf(zipped(head, rows, options));
}

/** The same with cells that are marked by a colour and a note, notes on the head, and drop-downs. */
export function annotatedXlsxStream(head: readonly string[], rows: MarkedRows, options: AnnotatedOptions): ReadableStream<Uint8Array> {
  return streamOf(zipped(head, rows, options));
}

async function* zipped(head: readonly string[], rows: MarkedRows, options: XlsxOptions | AnnotatedOptions): AsyncGenerator<Uint8Array> {
  const annotated = 'author' in options ? options : undefined;
  const notes: Note[] = [];
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  const small: Readonly<Record<string, string>> = {
    '[Content_Types].xml': contentTypes(annotated !== undefined),
    '_rels/.rels': relations({ rId1: ['officeDocument', 'xl/workbook.xml'] }),
    'xl/workbook.xml': `${declaration}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escaped(validName(options.sheet))}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations({ rId1: ['worksheet', 'worksheets/sheet1.xml'], rId2: ['styles', 'styles.xml'] }),
    'xl/styles.xml': styles,
    ...(annotated && { 'xl/worksheets/_rels/sheet1.xml.rels': relations({ rId1: ['vmlDrawing', '../drawings/vmlDrawing1.vml'], rId2: ['comments', '../comments1.xml'] }) }),
  };
  const add = (name: string, text: string): void => {
    const part = new ZipPassThrough(name);
    zip.add(part);
    part.push(Buffer.from(text), true);
  };
  for (const [name, text] of Object.entries(small)) add(name, text);
  const sheet = new ZipDeflate('xl/worksheets/sheet1.xml', { level: 4 });
  zip.add(sheet);
  for await (const bytes of encoded(sheetXml(head, rows, options, notes))) {
    sheet.push(bytes);
    yield* ready.splice(0);
  }
  sheet.push(new Uint8Array(), true);
  if (annotated) {
    add('xl/comments1.xml', notesXml(notes, annotated.author));
    add('xl/drawings/vmlDrawing1.vml', shapesXml(notes));
  }
  zip.end();
  yield* ready;
}

async function* sheetXml(head: readonly string[], rows: MarkedRows, options: XlsxOptions | AnnotatedOptions, notes: Note[]): AsyncGenerator<string> {
  const annotated = 'author' in options ? options : undefined;
  const columns = (options.widths ?? []).map((width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`).join('');
  yield `${declaration}<worksheet xmlns="${main}" xmlns:r="${office}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`;
  yield `${columns && `<cols>${columns}</cols>`}<sheetData>${rowXml(1, head, { isHead: true })}`;
  for (const [column, text] of annotated?.headNotes?.entries() ?? []) if (text) notes.push({ line: 1, column, text });
  let line = 1;
  for await (const row of rows) {
    line += 1;
    if (line > mostRows) throw new RangeError(`A sheet holds at most ${mostRows} rows`);
    yield rowXml(line, row, {
      note: (column, text) => {
        if (notes.length < mostNotes) notes.push({ line, column, text });
      },
    });
  }
  yield `</sheetData>${head.length > 0 ? `<autoFilter ref="A1:${columnName(head.length - 1)}${line}"/>` : ''}`;
  yield `${choicesXml(annotated?.choices)}${annotated ? '<legacyDrawing r:id="rId1"/>' : ''}</worksheet>`;
}

function choicesXml(choices: AnnotatedOptions['choices']): string {
  if (!choices?.size) return '';
  const each = [...choices].map(
    ([column, options]) =>
      `<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="${columnName(column)}2:${columnName(column)}${mostRows}"><formula1>"${escaped(options.join(','))}"</formula1></dataValidation>`,
  );
  return `<dataValidations count="${each.length}">${each.join('')}</dataValidations>`;
}

function validName(name: string): string {
  const valid = name
    .replace(/[\\/?*[\]:\p{Cc}]/gu, ' ')
    .slice(0, 31)
    .replace(/^[\s']+|[\s']+$/g, '');
  return valid === '' || valid.toLowerCase() === 'history' ? 'Ark1' : valid;
}

function relations(of: Readonly<Record<string, readonly [kind: string, target: string]>>): string {
  const each = Object.entries(of).map(([id, [kind, target]]) => `<Relationship Id="${id}" Type="${office}/${kind}" Target="${target}"/>`);
  return `${declaration}<Relationships xmlns="${packages}/relationships">${each.join('')}</Relationships>`;
}
