import type { APIContext } from 'astro';
import { attachmentHeader, kinds } from '../../../documents/kind.ts';
import { checkableTypes } from '../../../forms/supplier/check-file.ts';
import { template } from '../../../returns/marked.ts';

/** An empty file with the columns of a return, such as salgsstatistik.xlsx. */
export function GET({ locals: { app, lang }, params }: APIContext): Response {
  const [, id, kind] = /^([a-z0-9-]+)\.(csv|xlsx)$/.exec(params['file'] ?? '') ?? [];
  const found = checkableTypes(app).find(({ type }) => type.id === id);
  if (!found || (kind !== 'csv' && kind !== 'xlsx')) return new Response(null, { status: 404 });
  const headers = { 'content-type': kind === 'xlsx' ? kinds.xlsx.mediaType : 'text/csv; charset=utf-8', 'content-disposition': attachmentHeader(`${id}.${kind}`) };
  return new Response(template(found.table, kind, lang), { headers });
}
