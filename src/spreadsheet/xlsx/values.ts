import { unescaped } from '../cell-text.ts';
import { plainNumber } from '../numbers.ts';
import { UnreadableSheet } from '../sheet.ts';
import type { SharedStrings } from './shared-strings.ts';
import type { XmlHandlers } from './xml.ts';

/** A cell as it stands in the file. */
export interface StoredCell {
  /** The attribute t: n, s, str, inlineStr, b, e or d. */
  readonly type: string;
  /** The attribute s: which of the styles. */
  readonly style: number;
  readonly value: string;
  readonly isFormula: boolean;
}

/** How a number is shown: as a point in time, as hours that may pass 24, or as a number. */
type Shown = 'date' | 'elapsed' | 'number';

export interface Workbook {
  readonly strings: SharedStrings;
  readonly styles: readonly Shown[];
  /** Days are counted from 1904-01-01 instead of 1900. */
  readonly isFrom1904: boolean;
}

/** The text that a cell gives. Throws UnreadableSheet('broken', line) when it points to a text that does not exist. */
export function textOf(cell: StoredCell, { strings, styles, isFrom1904 }: Workbook, line: number): string {
  const { value } = cell;
  switch (cell.type) {
    case 's': {
      const text = value === '' ? '' : strings.at(Number(value));
      if (text === undefined) throw new UnreadableSheet('broken', line);
      return text;
    }
    case 'str':
    case 'inlineStr':
      return unescaped(value);
    case 'b':
      return value.trim() === '1' || value.trim() === 'true' ? 'true' : 'false';
    case 'e':
      return value;
    case 'd':
      return value.trim().replace(/^(\d{4}-\d{2}-\d{2})(?:T00:00:00|(T\d{2}:\d{2}:\d{2}))(?:\.\d+)?Z?$/, '$1$2');
    default:
      return numberText(value.trim(), styles[cell.style] ?? 'number', isFrom1904);
  }
}

function numberText(stored: string, shown: Shown, isFrom1904: boolean): string {
  const value = Number(stored);
  if (stored === '' || !Number.isFinite(value)) return stored;
  if (shown === 'date') return dateText(value, isFrom1904) ?? plainNumber(value);
  if (shown === 'elapsed' && value >= 0) return timeText(Math.round(value * 86_400));
  // More digits than a number can hold are an identifier that some program wrote as a number.
  return /^\d{16,}$/.test(stored) ? stored : plainNumber(value);
}

const lastDay = 2_958_465;

/** Undefined for numbers that no spreadsheet shows as a date. */
function dateText(serial: number, isFrom1904: boolean): string | undefined {
  const seconds = Math.round(serial * 86_400);
  const day = Math.floor(seconds / 86_400);
  if (day < 0 || day > lastDay) return undefined;
  const time = timeText(seconds - day * 86_400);
  if (day === 0 && (!isFrom1904 || serial > 0)) return time;
  const text = isFrom1904 ? isoDay(day + 1_462) : day === 60 ? '1900-02-29' : isoDay(day < 60 ? day + 1 : day);
  return time === '00:00:00' ? text : `${text}T${time}`;
}

/** Days since 1899-12-30, which is what Excel counts from after the leap day of 1900 that it invented. */
function isoDay(days: number): string {
  return new Date((days - 25_569) * 86_400_000).toISOString().slice(0, 10);
}

function timeText(seconds: number): string {
  return [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Handlers for xl/styles.xml, and how each style shows numbers. */
export function cellStyles(): { styles: Shown[]; handlers: XmlHandlers } {
  const formats = new Map<string, string>();
  const styles: Shown[] = [];
  let isCellStyle = false;
  return {
    styles,
    handlers: {
      open(name, attributes) {
        if (name === 'numFmt') formats.set(attributes['numFmtId'] ?? '', attributes['formatCode'] ?? '');
        else if (name === 'cellXfs') isCellStyle = true;
        else if (name === 'xf' && isCellStyle) {
          const id = attributes['numFmtId'] ?? '0';
          const format = formats.get(id);
          styles.push(format === undefined ? builtIn(Number(id)) : shownBy(format));
        }
      },
      close(name) {
        if (name === 'cellXfs') isCellStyle = false;
      },
    },
  };
}

function builtIn(id: number): Shown {
  if (id === 46) return 'elapsed';
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || id === 45 || id === 47 || (id >= 50 && id <= 58) ? 'date' : 'number';
}

/** What a custom format shows: its first section counts, without quoted text, escaped characters, paddings and brackets. */
function shownBy(format: string): Shown {
  const plain = format.replace(/"[^"]*"|[\\_*]./g, '').split(';')[0] ?? '';
  if (/\[(?:h+|m+|s+)\]/i.test(plain)) return 'elapsed';
  return /[dmyhs]/i.test(plain.replace(/\[[^\]]*\]/g, '').replace(/general/i, '')) ? 'date' : 'number';
}
