import fs from 'node:fs';
import path from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** Something wrong in a file that an editor wrote: where, and how to mend it. */
export interface Fault {
  readonly file: string;
  /** Counted from 1; null where the fault is the file itself. */
  readonly line: number | null;
  /** The field as a path of names, such as evidence[2]; empty for the whole file. */
  readonly field: string;
  readonly message: string;
}

/** One sentence: file, line, field, what is wrong and how to mend it. */
export function sentenceOf({ file, line, field, message }: Fault): string {
  return [file, line === null ? '' : `line ${line}`, field, message].filter(Boolean).join(': ');
}

/** Thrown where content that does not fit cannot be used; the message has one line per fault. */
export class ContentFaults extends Error {
  constructor(faults: readonly Fault[]) {
    super(faults.map(sentenceOf).join('\n'));
  }
}

/** A file that has been read, able to say where a field stands. */
export interface Source {
  readonly file: string;
  readonly data: unknown;
  /** The text below the front matter. */
  readonly body: string;
  fault(field: readonly PropertyKey[], message: string): Fault;
}

/** Reads YAML, or the front matter and text of Markdown. What cannot be parsed is a fault. */
export function readSource(file: string, faults: Fault[]): Source | undefined {
  const text = fs.readFileSync(file, 'utf8');
  const markdown = file.endsWith('.md');
  const front = markdown ? /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)([\s\S]*)$/.exec(text) : null;
  if (markdown && !front) {
    faults.push({ file, line: 1, field: '', message: 'begins without front matter; start the file with a line ---, the fields, and another line ---' });
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(front?.[1] ?? text, { lineCounter: lines });
  const above = markdown ? 1 : 0;
  const wrong = document.errors[0];
  if (wrong) {
    faults.push({ file, line: lines.linePos(wrong.pos[0]).line + above, field: '', message: `cannot be read: ${wrong.message.split('\n')[0]?.replace(/ at line .*$/, '')}` });
    return undefined;
  }
  const lineOf = (field: readonly PropertyKey[]): number => {
    for (let depth = field.length; depth > 0; depth -= 1) {
      const node = document.getIn(field.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line + above;
    }
    return 1;
  };
  return { file, data: document.toJS() as unknown, body: front?.[2] ?? '', fault: (field, message) => ({ file, line: lineOf(field), field: spelled(field), message }) };
}

/** The file's data when it fits the schema; what does not is added to the faults. */
export function checked<T>(source: Source, schema: z.ZodType<T>, faults: Fault[]): T | undefined {
  const parsed = schema.safeParse(source.data);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) faults.push(source.fault([...issue.path, key], 'is no field here; take it out or correct its name'));
    else faults.push(source.fault(issue.path, mending(issue)));
  }
  return undefined;
}

/** A YAML file that must fit. Throws ContentFaults. */
export function readYaml<T>(file: string, schema: z.ZodType<T>): T {
  const faults: Fault[] = [];
  const source = readSource(file, faults);
  const value = source && checked(source, schema, faults);
  if (value === undefined) throw new ContentFaults(faults);
  return value;
}

/** The names of a folder's files with an ending, without it, in order; none where there is no folder. */
export function namesIn(folder: string, ending: '.md' | '.yaml'): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => path.basename(name, ending))
    .sort();
}

function spelled(field: readonly PropertyKey[]): string {
  return field.map((part, index) => (typeof part === 'number' ? `[${part + 1}]` : `${index > 0 ? '.' : ''}${String(part)}`)).join('');
}

function mending(issue: z.core.$ZodIssue): string {
  if (issue.message.includes('received undefined')) return 'is missing; write it';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${{ string: 'text', int: 'a whole number', number: 'a number', boolean: 'true or false', array: 'a list', object: 'a group of fields' }[issue.expected as string] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'array' ? `needs at least ${issue.minimum} entry` : issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'invalid_format':
      if (issue.format === 'date') return 'must be a day that exists, such as 2026-11-23';
      if (issue.format === 'url') return 'must be an address that begins with https://';
      if (issue.format === 'regex' && issue.message.startsWith('Invalid')) return `must fit the pattern ${issue.pattern}`;
      return issue.message;
    default:
      return issue.message;
  }
}
