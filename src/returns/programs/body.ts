import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import type { RawAnswers } from '../../followup/answers.ts';
import { type ObligationField, type ObligationType, type TableField, tableOf } from '../../followup/obligation-type.ts';
import { pathText } from '../../platform/reading/json.ts';
import { plainNumber } from '../../spreadsheet/numbers.ts';
import type { WrittenLine } from '../lines-file.ts';
import type { CellValue } from '../reading/cells.ts';
import { type BodyFaultCode, bodyMessages } from './messages.ts';
import { bodySchemas, programFields } from './schema.ts';

/** What a program sent as JSON. */
export interface ReturnBody {
  readonly lines: Iterable<WrittenLine> | null;
  /** The lines in the draft that are meant instead. */
  readonly draft: string | null;
  readonly nothing: boolean;
  readonly answers: RawAnswers | null;
}

export interface BodyFault {
  readonly code: BodyFaultCode;
  /** Such as lines[3].antal; empty for the whole. */
  readonly place: string;
}

/** Faults that are told at a time. */
const mostFaults = 100;
/** Lines after which others are let to the processor. */
const linesAtOnce = 1_000;

type Line = Readonly<Record<string, unknown>>;

/** Checks what came as JSON against the schema of the type. */
export async function readBody(type: ObligationType, value: unknown): Promise<ReturnBody | { readonly faults: readonly BodyFault[] }> {
  const { envelope, line } = bodySchemas(type);
  const read = envelope.safeParse(value);
  if (!read.success) return { faults: faultsOf(read.error, []).slice(0, mostFaults) };
  const { lines, draft, nothing, answers } = read.data;
  if ([lines, draft, nothing].filter((each) => each !== undefined).length > 1) return { faults: [{ code: 'one-of', place: '' }] };
  const table = tableOf(type);
  if (lines && table && line) {
    const faults: BodyFault[] = [];
    for (const [index, each] of lines.entries()) {
      if (faults.length >= mostFaults) break;
      if (index % linesAtOnce === 0) await setImmediate();
      faults.push(...faultsOfLine(table, line, each, index));
    }
    if (faults.length > 0) return { faults: faults.slice(0, mostFaults) };
  }
  return {
    lines: lines && table ? written(table, lines as Line[]) : null,
    draft: draft ?? null,
    nothing: nothing === true,
    answers: answers ? typedAnswers(programFields(type), answers) : null,
  };
}

function faultsOfLine({ columns }: TableField, schema: z.ZodType<Line>, line: unknown, index: number): BodyFault[] {
  const read = schema.safeParse(line);
  if (!read.success) return faultsOf(read.error, ['lines', index]);
  const twice = columns.filter(({ key, header }) => key !== header.da && isGiven(read.data, key) && isGiven(read.data, header.da));
  if (twice.length > 0) return twice.map(({ header }) => ({ code: 'column-twice', place: pathText(['lines', index, header.da]) }));
  return columns.some((column) => valueIn(read.data, column) !== null) ? [] : [{ code: 'line-empty', place: `lines[${index}]` }];
}

const isGiven = (line: Line, name: string): boolean => Object.hasOwn(line, name) && line[name] !== undefined;

function faultsOf(error: z.ZodError, above: readonly PropertyKey[]): BodyFault[] {
  return error.issues.flatMap((issue): BodyFault[] => {
    const path = [...above, ...issue.path];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ code: 'unknown-field', place: pathText([...path, key]) }));
    return [{ code: Object.hasOwn(bodyMessages.da, issue.message) ? (issue.message as BodyFaultCode) : 'body-object', place: pathText(path) }];
  });
}

function* written({ columns }: TableField, lines: readonly Line[]): Generator<WrittenLine> {
  for (const line of lines) yield columns.map((column) => valueIn(line, column));
}

function valueIn(line: Line, { key, header }: TableField['columns'][number]): CellValue {
  const value = line[key] ?? line[header.da] ?? null;
  const cell = Array.isArray(value) ? value.join('|') : value;
  return typeof cell === 'string' && cell.trim() === '' ? null : (cell as CellValue);
}

/** Answers as they would be typed in Danish, which is how drafts keep them. */
function typedAnswers(fields: readonly ObligationField[], answers: Readonly<Record<string, unknown>>): RawAnswers {
  const typed = (field: ObligationField, value: unknown): string => {
    if (typeof value === 'boolean') return value ? 'true' : '';
    if (typeof value !== 'number') return typeof value === 'string' ? value : '';
    return (field.type === 'money' ? (value / 100).toFixed(2) : plainNumber(value)).replace('.', ',');
  };
  return Object.fromEntries(fields.map((field) => [field.key, typed(field, answers[field.key])]));
}
