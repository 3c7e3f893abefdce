import { escaped } from '../cell-text.ts';
import type { Value } from './byte-stream.ts';

/** A cell that is marked as wrong or doubtful, and what is said when somebody points at it. */
export interface MarkedCell {
  readonly value: Value;
  readonly mark: 'bad' | 'warn';
  readonly note?: string;
}
export type MarkedRow = readonly (Value | MarkedCell)[];
export type MarkedRows = AsyncIterable<MarkedRow> | Iterable<MarkedRow>;

/** Characters that Excel has room for in one cell. */
const longestText = 32_767;

/** Places in cellXfs of the styles below. */
const dayStyle = 1;
const headStyle = 2;
const markStyles = { bad: 3, warn: 4 } as const;
/** What a day is shown in where other cells have the style. */
const dayStyles: ReadonlyMap<number | undefined, number> = new Map([
  [markStyles.bad, 5],
  [markStyles.warn, 6],
]);

const xf = (of: string): string => `<xf borderId="0" xfId="0" ${of}/>`;
const fill = (colour: string): string => `<fill><patternFill patternType="solid"><fgColor rgb="${colour}"/><bgColor indexed="64"/></patternFill></fill>`;

export const styles = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="4"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>${fill('FFFFC7CE')}${fill('FFFFEB9C')}</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="7">${xf('numFmtId="0" fontId="0" fillId="0"')}${xf('numFmtId="14" fontId="0" fillId="0" applyNumberFormat="1"')}${xf('numFmtId="0" fontId="1" fillId="0" applyFont="1"')}
${xf('numFmtId="0" fontId="0" fillId="2" applyFill="1"')}${xf('numFmtId="0" fontId="0" fillId="3" applyFill="1"')}
${xf('numFmtId="14" fontId="0" fillId="2" applyFill="1" applyNumberFormat="1"')}${xf('numFmtId="14" fontId="0" fillId="3" applyFill="1" applyNumberFormat="1"')}</cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

/** A row; `note` is told the words of marked cells. */
export function rowXml(line: number, row: MarkedRow, { isHead = false, note }: { isHead?: boolean; note?: (column: number, text: string) => void } = {}): string {
  let xml = '';
  for (const [column, cell] of row.entries()) {
    const address = `${columnName(column)}${line}`;
    if (typeof cell !== 'object' || cell === null || cell instanceof Date) xml += cellXml(address, cell, isHead ? headStyle : undefined);
    else {
      xml += cellXml(address, cell.value, cell.mark && markStyles[cell.mark]) || `<c r="${address}" s="${markStyles[cell.mark]}"/>`;
      if (cell.note) note?.(column, cell.note);
    }
  }
  return `<row r="${line}">${xml}</row>`;
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
    : `<c r="${address}" s="${dayStyles.get(style) ?? dayStyle}"><v>${serial}</v></c>`;
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

export function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnName(Math.floor(column / 26) - 1) + last;
}
