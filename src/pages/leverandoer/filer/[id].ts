import type { APIContext } from 'astro';
import { fileOf } from '../../../followup/queries.ts';
import { actsFor } from '../../../identity/actor.ts';
import { sendFile } from '../../../web/download.ts';

/** A file of the supplier's own. */
export async function GET(context: APIContext): Promise<Response> {
  const { app, actor } = context.locals;
  const file = await fileOf(app.db, actor, context.params['id'] ?? '');
  return file && actsFor(actor, file.supplier_id) ? sendFile(context, file, 'supplier') : new Response(null, { status: 404 });
}
