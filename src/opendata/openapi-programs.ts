import { obligationStates } from '../followup/supplier/for-programs.ts';
import { defaultLimit, highestLimit } from './lists/list.ts';
import { programPaths } from './programs.ts';
import { mediaTypes } from './publication.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const text = { type: 'string' };
const nullable = (type: string, format?: string) => ({ type: [type, 'null'], ...(format && { format }) });
const words = { type: 'object', required: ['da', 'en'], properties: { da: text, en: text } };
const count = { type: 'integer', minimum: 0 };
const open = (required: readonly string[], properties: object, description?: string) => ({ type: 'object', ...(description && { description }), required, properties });

const totals = open(
  ['currency'],
  { rows: count, totalOere: { type: 'integer' }, ecolabelOere: { type: 'integer' }, offContractOere: { type: 'integer' }, uniqueGln: count, currency: { const: 'DKK' } },
  'What the lines add up to, in whole øre without VAT',
);
const errors = { type: 'array', items: { $ref: '#/components/schemas/Problem/properties/errors/items' } };

/** The door for suppliers' programs: what its answers hold at least. More may be added to them. */
export const programComponents = {
  securitySchemes: {
    supplierKey: { type: 'http', scheme: 'bearer', description: 'A key that an administrator of the supplier makes under Settings. It acts for that supplier alone.' },
  },
  schemas: {
    Obligation: open(['id', 'type', 'title', 'agreement', 'supplier', 'period', 'lot', 'state', 'dueOn', 'opensOn', 'hasLines', 'url', 'returns', 'schema'], {
      id: { type: 'string', format: 'uuid' },
      type: text,
      title: words,
      agreement: open(['number', 'title'], { number: text, title: words }),
      supplier: open(['cvr', 'name'], { cvr: { type: 'string', pattern: '^\\d{8}$' }, name: text }),
      period: { ...nullable('string'), description: 'Such as 2026-Q3' },
      lot: { ...nullable('string'), description: 'The lot of the agreement that it is asked for; null for the whole of it' },
      state: { enum: obligationStates },
      dueOn: { type: 'string', format: 'date' },
      opensOn: { type: 'string', format: 'date' },
      hasLines: { type: 'boolean', description: 'Filed as lines: JSON, CSV or XLSX' },
      url: { type: 'string', format: 'uri', description: 'The task’s page for people' },
      returns: { type: 'string', format: 'uri' },
      schema: { type: 'string', format: 'uri', description: 'JSON Schema of what may be sent' },
    }),
    ObligationList: open(['items', 'next'], { items: { type: 'array', items: ref('Obligation') }, next: { ...nullable('string'), description: 'The cursor of the next page' } }),
    DraftLines: open(
      ['id', 'file', 'state', 'rows', 'canBeFiled', 'totals', 'errorCount', 'warningCount', 'errors'],
      {
        id: { type: 'string', format: 'uuid', description: 'Sent back as “draft”, it files these lines' },
        file: text,
        state: { enum: ['waiting', 'read', 'unreadable'] },
        rows: count,
        canBeFiled: { type: 'boolean' },
        totals: { anyOf: [totals, { type: 'null' }] },
        errorCount: count,
        warningCount: count,
        errors,
      },
      'Lines in a draft: money in whole øre, row the line of the file with the header as line 1; the first 200 errors and warnings',
    ),
    Submission: open(['id', 'number', 'receiptNumber', 'receipt', 'filedAt', 'filedBy', 'decision', 'nothing', 'totals', 'answers', 'currency'], {
      id: { type: 'string', format: 'uuid' },
      number: { type: 'integer', minimum: 1 },
      receiptNumber: text,
      receipt: { type: 'string', format: 'uri' },
      filedAt: { type: 'string', format: 'date-time' },
      filedBy: text,
      decision: { enum: ['accepted', 'returned', null] },
      decidedAt: nullable('string', 'date-time'),
      reason: nullable('string'),
      newDueOn: nullable('string', 'date'),
      nothing: { type: 'boolean', description: 'It was filed that there was nothing to report' },
      totals: { anyOf: [totals, { type: 'null' }] },
      answers: { type: 'object', description: 'By the keys of the schema; money in whole øre' },
      currency: { const: 'DKK' },
    }),
    Returns: open(['obligation', 'draft', 'submissions'], {
      obligation: ref('Obligation'),
      draft: open(['savedAt', 'lines'], { savedAt: nullable('string', 'date-time'), lines: { type: 'array', items: ref('DraftLines') } }),
      submissions: { type: 'array', items: ref('Submission') },
    }),
    Filed: open(['filed', 'submission'], { filed: { const: true }, submission: ref('Submission') }),
    Kept: open(['filed', 'draft'], { filed: { const: false }, draft: { anyOf: [ref('DraftLines'), { type: 'null' }] } }),
    Checked: open(['dryRun', 'canBeFiled', 'errorCount', 'errors'], { dryRun: { const: true }, canBeFiled: { type: 'boolean' }, errorCount: count, errors }),
  },
};

const answer = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } });
const problems = (statuses: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(statuses).map(([status, description]) => [status, { description, content: { 'application/problem+json': { schema: ref('Problem') } } }]));
const noKey = { 401: 'No key, or none that works', 429: 'Too many requests or guesses; wait a quarter of an hour' };
const security = [{ supplierKey: [] }];
const inQuery = (name: string, description: string, schema: object) => ({ name, in: 'query', required: false, description, schema });

/** Its addresses. `lineType`: a type whose schema is shown as an example. */
export function programOperations({ siteUrl, lineType }: { readonly siteUrl: URL; readonly lineType: string | undefined }): object {
  const id = { name: 'id', in: 'path', required: true, description: 'Of an obligation', schema: { type: 'string', format: 'uuid' } };
  const example = (type: string | undefined) => type && { examples: { real: { externalValue: new URL(programPaths.schema(type), siteUrl).href } } };
  const file = { schema: { type: 'string', contentMediaType: 'application/octet-stream' } };
  return {
    [programPaths.obligations]: {
      get: {
        operationId: 'obligations',
        summary: 'What is asked of the supplier, by deadline',
        security,
        parameters: [
          inQuery('state', 'Only those in this state', { enum: obligationStates }),
          inQuery('limit', 'Items in the answer', { type: 'integer', minimum: 1, maximum: highestLimit, default: defaultLimit }),
          inQuery('cursor', 'From the previous answer', text),
        ],
        responses: { 200: answer('A page', ref('ObligationList')), ...problems({ 400: 'state, limit or cursor cannot be read', ...noKey }) },
      },
    },
    '/api/v1/obligations/{id}/returns': {
      parameters: [id],
      get: {
        operationId: 'returns',
        summary: 'What lies in the draft, and what was filed',
        security,
        responses: { 200: answer('Draft and submissions', ref('Returns')), ...problems({ 404: 'No such obligation of this supplier', ...noKey }) },
      },
      post: {
        operationId: 'sendReturn',
        summary: 'Check, keep or file a return',
        description:
          'Lines use the columns and units of the file: amounts in kroner, such as 940.00 or "940,00". Totals and typed answers are whole øre. All lines are sent each time, in the place of those in the draft.',
        security,
        parameters: [
          inQuery('dryRun', 'Check and keep nothing', { type: 'boolean', default: false }),
          inQuery('file', 'File it when there are no errors; else it stays in the draft', { type: 'boolean', default: false }),
          { name: 'Idempotency-Key', in: 'header', required: false, description: 'The same text gives the same receipt', schema: { type: 'string', minLength: 1, maxLength: 200 } },
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { type: 'object', description: 'See “schema” of the obligation' } },
            [mediaTypes.csv]: file,
            [mediaTypes.xlsx]: file,
            'application/octet-stream': file,
            'multipart/form-data': { schema: { type: 'object', properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } } } },
          },
        },
        responses: {
          200: answer('Kept as the draft, or checked only', { anyOf: [ref('Kept'), ref('Checked')] }),
          201: answer('Filed', ref('Filed')),
          202: answer('Kept, and still being read: ask the address in Location, then send again', ref('Kept')),
          ...problems({
            400: 'The body or the address has the wrong form; place says where',
            404: 'No such obligation of this supplier',
            409: 'It cannot be filed now',
            413: 'Too large',
            415: 'Not a media type that is taken',
            422: 'Errors in the return; it is kept as the draft and not filed',
            503: 'Busy; Retry-After says when to try again',
            ...noKey,
          }),
        },
      },
    },
    '/api/v1/obligation-types/{type}.schema.json': {
      get: {
        operationId: 'obligationTypeSchema',
        summary: 'What may be sent for a type, as JSON Schema (draft 2020-12)',
        parameters: [{ name: 'type', in: 'path', required: true, description: 'Of an obligation', schema: text, ...(lineType && { example: lineType }) }],
        responses: {
          200: { description: 'The schema', content: { 'application/schema+json': { schema: { type: 'object' }, ...example(lineType) } } },
          404: { description: 'No such type', content: { 'application/problem+json': { schema: ref('Problem'), ...example('none') } } },
        },
      },
    },
  };
}
