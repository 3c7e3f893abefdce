import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { escaped } from '../cell-text.ts';
import { encoded, type Rows, streamOf, type Value } from './byte-stream.ts';

/** What Excel has room for: characters of one cell, rows of one sheet. */
const longestText = 32_767;
const mostRows = 1_048_576;

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';

/** Places in cellXfs of the styles below. */
const dayStyle = 1;
const headStyle = 2;

const styles = `${declaration}<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

const contentTypes = `${declaration}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`;

export interface XlsxOptions {
  /** Made valid where it is not: without \ / ? * [ ] :, at most 31 characters, 'Ark1' for nothing. */
  readonly sheet: string;
  /** Widths of the columns in characters; Excel's own width where there is none. */
  readonly widths?: readonly number[];
}

/**
 * A workbook of one sheet with a bold head that stays in view and can be filtered. Texts are texts, so none is ever a formula; numbers and days are
 * real ones. Characters that XML forbids are taken out, and a text is cut off at the 32,767 characters that Excel has room for.
 * Rows are asked for only as fast as the stream is read. The stream fails with a RangeError at more rows than a sheet can hold.
 */
export function xlsxStream(head: readonly string[], rows: Rows, options: XlsxOptions): ReadableStream<Uint8Array> {
  return streamOf(zipped(head, rows, options));
}

async function* zipped(head: readonly string[], rows: Rows, options: XlsxOptions): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  const small: Readonly<Record<string, string>> = {
    '[Content_Types].xml': contentTypes,
    '_rels/.rels': relations({ rId1: ['officeDocument', 'xl/workbook.xml'] }),
    'xl/workbook.xml': `${declaration}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escaped(validName(options.sheet))}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations({ rId1: ['worksheet', 'worksheets/sheet1.xml'], rId2: ['styles', 'styles.xml'] }),
    'xl/styles.xml': styles,
  };
  for (const [name, text] of Object.entries(small)) {
    const part = new ZipPassThrough(name);
    zip.add(part);
    part.push(Buffer.from(text), true);
  }
  const sheet = new ZipDeflate('xl/worksheets/sheet1.xml', { level: 4 });
  zip.add(sheet);
  for await (const bytes of encoded(sheetXml(head, rows, options.widths ?? []))) {
    sheet.push(bytes);
    yield* ready.splice(0);
  }
  sheet.push(new Uint8Array(), true);
  zip.end();
  yield* ready;
}

async function* sheetXml(head: readonly string[], rows: Rows, widths: readonly number[]): AsyncGenerator<string> {
  const columns = widths.map((width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`).join('');
  yield `${declaration}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`;
  yield `${columns && `<cols>${columns}</cols>`}<sheetData>${rowXml(1, head, headStyle)}`;
  let line = 1;
  for await (const row of rows) {
    line += 1;
    if (line > mostRows) throw new RangeError(`A sheet holds at most ${mostRows} rows`);
    yield rowXml(line, row);
  }
  yield `</sheetData>${head.length > 0 ? `<autoFilter ref="A1:${columnName(head.length - 1)}${line}"/>` : ''}</worksheet>`;
}

function rowXml(line: number, row: readonly Value[], style?: number): string {
  return `<row r="${line}">${row.map((value, column) => cellXml(`${columnName(column)}${line}`, value, style)).join('')}</row>`;
}

function cellXml(address: string, value: Value, style?: number): string {
  const place = `<c r="${address}"${style === undefined ? '' : ` s="${style}"`}`;
  if (value === null || value === '') return '';
  if (typeof value === 'number') return Number.isFinite(value) ? `${place}><v>${value}</v></c>` : '';
  if (typeof value === 'boolean') return `${place} t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === 'string') return `${place} t="inlineStr"><is>${textXml(value)}</is></c>`;
  const serial = serialOf(value);
  return serial === undefined
    ? `${place} t="inlineStr"><is>${textXml(value.toISOString().slice(0, 10))}</is></c>`
    : `${place.replace(/ s=.*/, '')} s="${dayStyle}"><v>${serial}</v></c>`;
}

function textXml(text: string): string {
  const kept = text.length > longestText ? text.slice(0, longestText) : text;
  return `<t${/^\s|\s$|\n/.test(kept) ? ' xml:space="preserve"' : ''}>${escaped(kept)}</t>`;
}

/** The day as Excel counts it, undefined for days before the first of 1900; up to February of that year Excel counts one less than the calendar. */
function serialOf(day: Date): number | undefined {
  const days = Math.floor(day.getTime() / 86_400_000) + 25_569;
  const serial = days > 60 ? days : days - 1;
  return serial < 1 ? undefined : serial;
}

function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnName(Math.floor(column / 26) - 1) + last;
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
