import type { APIContext } from 'astro';
import { checkpoints } from '../../platform/audit/published.ts';

/** The newest checkpoint of the audit log, as a signed note (C2SP tlog-checkpoint). */
export async function GET({ locals: { app } }: APIContext): Promise<Response> {
  const [newest] = await checkpoints(app.db, 1);
  if (!newest) return new Response(null, { status: 404 });
  return new Response(newest.note, { headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=60' } });
}
