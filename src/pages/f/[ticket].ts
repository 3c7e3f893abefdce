import type { APIContext } from 'astro';
import { mayBeOpened, type Verdict } from '../../documents/stored.ts';
import { fileOf } from '../../followup/queries.ts';
import { actorOf, actsFor, mayReadCases } from '../../identity/actor.ts';
import { bytesOf, readTicket } from '../../web/download.ts';

/** A file on the files' own host: the ticket says who asks, and whether they may is looked up anew. */
export async function GET({ locals: { app }, params, request }: APIContext): Promise<Response> {
  const missing = new Response(null, { status: 404 });
  const ticket = app.config.filesUrl ? readTicket(app.config.secretKey, params['ticket'] ?? '') : null;
  const actor = ticket && (await actorOf(app.db, ticket.account));
  if (!ticket || !actor) return missing;
  const file = await fileOf(app.db, actor, ticket.document);
  if (!file || !mayBeOpened(file.verdict as Verdict, app.config.demo)) return missing;
  const may = ticket.reader === 'staff' ? mayReadCases(actor) && file.submission_id !== null : actsFor(actor, file.supplier_id);
  return may ? bytesOf(app.files, file, request) : missing;
}
