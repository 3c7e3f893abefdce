import { cpvDivisions } from '../../agreements/codes/lists.ts';
import { cvrFits } from '../../agreements/cvr.ts';
import type { TableColumn } from '../../followup/obligation-type.ts';
import type { Cell } from '../../spreadsheet/sheet.ts';
import type { FindingCode } from '../findings.ts';
import { plainName } from './columns.ts';
import { readDay, readQuarter } from './days.ts';
import { readNumber } from './numbers.ts';

/** Money in kroner, days as YYYY-MM-DD, quarters as 2026-Q3, options by their values and joined by |, null for nothing or what cannot be read. */
export type CellValue = string | number | boolean | null;

/** What a cell says, and what is wrong with how it says it. */
export interface Reading {
  readonly value: CellValue;
  readonly code?: FindingCode;
  readonly detail?: string;
}

/** Reads the trimmed text of a cell that is not empty. */
export type CellReader = (text: string, cell: Cell) => Reading;

const longestText = 500;

/** What a spreadsheet takes for a formula, when a text of somebody's file is opened in it. */
const startsFormula = /^[=+\-@＝＋－＠]./;

/** 5,8E+12: a spreadsheet has shortened a long number, and its last digits are lost. */
const isShortened = (text: string): boolean => /^\d([.,]\d+)?e\+\d+$/i.test(text);

function readText(text: string): Reading {
  if (text.length > longestText) return { value: null, code: 'text-too-long', detail: String(longestText) };
  return startsFormula.test(text) ? { value: text, code: 'formula-injection' } : { value: text };
}

function numberReader(kind: 'number' | 'money' | 'percent'): CellReader {
  return (text, { fraction }) => {
    const value = readNumber(text, fraction);
    if (value === 'ambiguous-number') return { value: null, code: value, detail: [text.replace(/[.,]/, ''), `${text.replace(/[.,]/, ',')}0`].join('|') };
    if (typeof value === 'string') return { value: null, code: value };
    if (kind !== 'percent') return { value };
    if (value < 0 || value > 100) return { value: null, code: 'not-a-percentage' };
    return value > 0 && value < 1 ? { value, code: 'percent-as-fraction', detail: String(Math.round(value * 1e6) / 1e4) } : { value };
  };
}

function readDate(text: string): Reading {
  const read = readDay(text);
  if (!read) return { value: null, code: 'not-a-date' };
  if (read.written === 'canonical') return { value: read.day };
  const code = ({ danish: 'date-format-accepted-da', number: 'date-number-accepted', other: 'date-format-accepted' } as const)[read.written];
  return { value: read.day, code, detail: read.day };
}

function readPeriod(text: string): Reading {
  const read = readQuarter(text);
  if (!read) return { value: null, code: 'not-a-period' };
  return read.isCanonical ? { value: read.quarter } : { value: read.quarter, code: 'period-format-accepted-da', detail: read.quarter };
}

const yes = new Set(['ja', 'j', 'yes', 'y', 'true', 'sand', '1', 'x']);
const no = new Set(['nej', 'n', 'no', 'false', 'falsk', '0']);

function readYesNo(text: string): Reading {
  const plain = text.toLowerCase();
  if (yes.has(plain)) return { value: true };
  return no.has(plain) ? { value: false } : { value: null, code: 'enum', detail: 'ja, nej' };
}

/** A file spells its options in few ways; these are remembered. */
const mostSpellings = 200;

function optionReader({ options = [], several = false, unknown }: TableColumn): CellReader {
  const known = new Map<string, string>();
  for (const { value, label, synonyms = [] } of options) for (const name of [value, label.da, label.en, ...synonyms]) known.set(plainName(name), value);
  const all = options.map(({ value }) => value).join(', ');
  const spellings = new Map<string, Reading>();
  const read = (text: string): Reading => {
    const parts = several ? text.split('|').map((part) => part.trim()) : [text];
    const values = parts.filter(Boolean).map((part) => known.get(plainName(part)));
    const value = values.filter((each) => each !== undefined).join('|') || null;
    return values.includes(undefined) ? { value, code: unknown ?? 'enum', detail: all } : { value };
  };
  return (text) => {
    const known = spellings.get(text);
    if (known) return known;
    const reading = read(text);
    if (spellings.size < mostSpellings) spellings.set(text, reading);
    return reading;
  };
}

/** Whether the last digit fits the others: weights 3 and 1 from the right, sum divisible by 10 (GS1 General Specifications, 7.9). */
export function gs1Fits(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, weight = 1; at >= 0; at -= 1, weight = 4 - weight) sum += weight * (digits.charCodeAt(at) - 48);
  return sum % 10 === 0;
}

/** Digits of a fixed length, also with spaces in them; then their check digit. */
function digitsReader(format: FindingCode, lengths: readonly number[], check?: { readonly fits: (digits: string) => boolean; readonly code: FindingCode }): CellReader {
  return (text) => {
    const digits = /^\d+$/.test(text) ? text : text.replace(/[\s\u00a0]/g, '').replace(/\.0$/, '');
    if (!/^\d+$/.test(digits)) return { value: null, code: isShortened(digits) ? 'number-shortened' : format };
    if (!lengths.includes(digits.length)) return { value: null, code: format };
    return check && !check.fits(digits) ? { value: null, code: check.code } : { value: digits };
  };
}

const cvrDigits = digitsReader('cvr-format', [8], { fits: cvrFits, code: 'cvr-check-digit' });
const cpvDigits = digitsReader('cpv-format', [8]);

function cpvReader(codes: ReadonlySet<string> | null): CellReader {
  return (text, cell) => {
    const read = cpvDigits(text.replace(/^(\d{8})-\d$/, '$1'), cell);
    if (typeof read.value !== 'string') return read;
    return (codes ? codes.has(read.value) : cpvDivisions.has(read.value.slice(0, 2))) ? read : { value: null, code: 'unknown-cpv' };
  };
}

/** The reader of a column. `cpvCodes`: those that exist, null where the table has not been brought in. */
export function readerFor(column: TableColumn, cpvCodes: ReadonlySet<string> | null): CellReader {
  switch (column.type) {
    case 'text':
    case 'agreement':
      return readText;
    case 'number':
    case 'money':
    case 'percent':
      return numberReader(column.type);
    case 'date':
      return readDate;
    case 'period':
      return readPeriod;
    case 'yes-no':
      return readYesNo;
    case 'enum':
      return optionReader(column);
    case 'cvr':
      return (text, cell) => cvrDigits(text.replace(/^DK[\s-]*/i, ''), cell);
    case 'gln':
      return digitsReader('gln-format', [13], { fits: gs1Fits, code: 'gln-check-digit' });
    case 'gtin':
      return digitsReader('gtin-format', [8, 12, 13, 14], { fits: gs1Fits, code: 'gtin-check-digit' });
    case 'cpv':
      return cpvReader(cpvCodes);
    case 'unspsc':
      return digitsReader('unspsc-format', [8]);
  }
}
