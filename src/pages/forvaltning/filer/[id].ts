import type { APIContext } from 'astro';
import { mayBeOpened, type Verdict } from '../../../documents/stored.ts';
import { readFiledDocument } from '../../../followup/staff/read-document.ts';
import { notedWhen, sendFile } from '../../../web/download.ts';

/** A file that has been filed, for staff; each reading is written down, for the supplier to see. */
export async function GET(context: APIContext): Promise<Response> {
  const { app, actor } = context.locals;
  const reading = { what: 'download', isNoted: notedWhen(context.request), mayBeOpened: (verdict: string) => mayBeOpened(verdict as Verdict, app.config.demo) } as const;
  const file = await readFiledDocument(app.db, actor, context.params['id'] ?? '', reading);
  return file ? sendFile(context, file, 'staff') : new Response(null, { status: 404 });
}
