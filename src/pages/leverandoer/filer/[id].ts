import type { APIContext } from 'astro';
import { mayBeOpened, type Verdict } from '../../../documents/stored.ts';
import { fileOf } from '../../../followup/queries.ts';
import { actsFor } from '../../../identity/actor.ts';
import { download } from '../../../web/download.ts';

/** A file of the supplier's own. */
export async function GET({ locals: { app, actor }, params }: APIContext): Promise<Response> {
  const file = await fileOf(app.db, actor, params['id'] ?? '');
  if (!file || !actsFor(actor, file.supplier_id) || !mayBeOpened(file.verdict as Verdict, app.config.demo)) return new Response(null, { status: 404 });
  return download(app.files, file);
}
