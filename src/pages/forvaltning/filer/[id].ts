import type { APIContext } from 'astro';
import { mayBeOpened, type Verdict } from '../../../documents/stored.ts';
import { readFiledDocument } from '../../../followup/staff/read-document.ts';
import { download } from '../../../web/download.ts';

/** A file that has been filed, for staff; each reading is written in the audit log. */
export async function GET({ locals: { app, actor }, params }: APIContext): Promise<Response> {
  const file = await readFiledDocument(app.db, actor, params['id'] ?? '');
  return file && mayBeOpened(file.verdict as Verdict, app.config.demo) ? download(app.files, file) : new Response(null, { status: 404 });
}
