import { z } from 'zod';
import { linesKeys } from '../../followup/lines.ts';
import { followupMessages } from '../../followup/messages.ts';
import { type ObligationField, type ObligationType, type TableColumn, type TableField, tableOf, typedFields } from '../../followup/obligation-type.ts';
import type { BodyFaultCode } from './messages.ts';

const wrong = (code: BodyFaultCode) => ({ error: code });

/** PostgreSQL keeps no NUL, and half of a letter is none. */
const text = (code: BodyFaultCode) =>
  z
    .string(wrong(code))
    .max(10_000, wrong(code))
    .regex(/^[^\0\p{Cs}]*$/u, wrong(code));

function cellSchema({ type, several, options }: TableColumn): z.ZodType {
  const values = options && { examples: options.map(({ value }) => value) };
  switch (type) {
    case 'number':
    case 'money':
    case 'percent':
      return z.union([text('text-or-number'), z.number(), z.null()], wrong('text-or-number'));
    case 'yes-no':
      return z.union([z.boolean(), text('yes-no'), z.null()], wrong('yes-no'));
    case 'date':
    case 'period':
      return z.union([text('text'), z.null()], wrong('text'));
    case 'enum':
      return several
        ? z.union([text('options').meta(values ?? {}), z.array(text('options').meta(values ?? {})), z.null()], wrong('options'))
        : z.union([text('text').meta(values ?? {}), z.null()], wrong('text'));
    default:
      return z.union([text('text-or-whole-number'), z.int(), z.null()], wrong('text-or-whole-number'));
  }
}

/** A line by the keys of its columns, or by their Danish names in the template: the columns and units of the file, with amounts in kroner. */
function lineSchema({ columns }: TableField) {
  const cells = columns.flatMap((column) => {
    const { key, header, hint, example } = column;
    const schema = cellSchema(column);
    const described = schema.meta({ title: header.en, description: hint.en, ...(example && { examples: [example] }) }).optional();
    const danish = schema.meta({ title: header.da, description: `The same as ${key}.` }).optional();
    return header.da === key ? [[key, described] as const] : [[key, described] as const, [header.da, danish] as const];
  });
  return z.strictObject(Object.fromEntries(cells), wrong('line-object'));
}

function answerSchema({ type, options = [] }: ObligationField): z.ZodType {
  switch (type) {
    case 'text':
    case 'longtext':
      return text('text');
    case 'date':
      return z.iso.date(wrong('date'));
    case 'boolean':
      return z.boolean(wrong('boolean'));
    case 'enum':
      return z.enum(
        options.map(({ value }) => value),
        wrong('option'),
      );
    case 'money':
      return z.int(wrong('oere'));
    default:
      return z.number(wrong('number'));
  }
}

function answersSchema(fields: readonly ObligationField[]) {
  const answers = fields.map((field) => {
    const description = [field.hint?.en, field.unit?.en, field.type === 'money' && 'In whole øre (DKK).', field.required && 'Needed to file.'].filter(Boolean).join(' ');
    return [field.key, answerSchema(field).nullable().meta({ title: field.label.en, description }).optional()] as const;
  });
  return z.strictObject(Object.fromEntries(answers), wrong('answers'));
}

/** The questions that a program may answer: those that are typed, and why the lines add up to something quite different from last time. */
export function programFields(type: ObligationType): ObligationField[] {
  const label = { da: followupMessages.da.lines.word, en: followupMessages.en.lines.word };
  const word: ObligationField = { key: linesKeys.word, type: 'longtext', label, required: false };
  return [...typedFields(type), ...(tableOf(type)?.checks.totals ? [word] : [])];
}

export interface BodySchemas {
  /** The whole body, as it is published. */
  readonly body: z.ZodType;
  /** The body with its lines unread, and one of the lines: so that checking can stop at the first hundred faults. */
  readonly envelope: z.ZodType<{ lines?: unknown[]; draft?: string; nothing?: true; answers?: Record<string, unknown> }>;
  readonly line: z.ZodType<Record<string, unknown>> | null;
}

/** What a program may send as JSON for a type. All of it is optional, since a draft may be sent in parts. */
function schemasFor(type: ObligationType): BodySchemas {
  const table = tableOf(type);
  const fields = programFields(type);
  const line = table ? lineSchema(table) : null;
  const shape = (lines: z.ZodType | null) => {
    const list = lines && z.array(lines, wrong('list-of-lines')).min(1, wrong('list-of-lines'));
    return z.strictObject(
      {
        ...(list && {
          lines: list.optional().describe('The lines of the return, all of them: they take the place of those in the draft.'),
          draft: z.uuid(wrong('draft-id')).optional().describe('Instead of lines: the id of lines that have been sent and read, to file those.'),
        }),
        ...(table?.nothing && { nothing: z.literal(true, wrong('nothing-true')).optional().describe(table.nothing.en) }),
        ...(fields.length > 0 && { answers: answersSchema(fields).optional().describe('Typed fields. Without them, those of the draft hold.') }),
      },
      wrong('body-object'),
    );
  };
  return { body: shape(line), envelope: shape(line && z.unknown()) as BodySchemas['envelope'], line };
}

const known = new WeakMap<ObligationType, BodySchemas>();

export function bodySchemas(type: ObligationType): BodySchemas {
  const found = known.get(type) ?? schemasFor(type);
  known.set(type, found);
  return found;
}

/** The same as JSON Schema (draft 2020-12). */
export function publishedSchema(type: ObligationType, address: string): object {
  const { $schema, ...rest } = z.toJSONSchema(bodySchemas(type).body, { target: 'draft-2020-12', io: 'input' });
  return { $schema, $id: address, title: type.title.en, description: type.task.en, ...rest };
}
