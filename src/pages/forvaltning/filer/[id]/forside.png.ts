import type { APIContext } from 'astro';
import { firstPage } from '../../../../documents/checks/preview/preview.ts';
import type { FileKind } from '../../../../documents/kind.ts';
import { mayBeOpened, type Verdict } from '../../../../documents/stored.ts';
import { readFiledDocument } from '../../../../followup/staff/read-document.ts';

/** A picture of the first page of a filed document, for staff; it is noted as a reading. */
export async function GET({ locals: { app, actor }, params }: APIContext): Promise<Response> {
  const reading = { what: 'preview', isNoted: 'always', mayBeOpened: (verdict: string) => mayBeOpened(verdict as Verdict, app.config.demo) } as const;
  const file = await readFiledDocument(app.db, actor, params['id'] ?? '', reading);
  const picture = file && (await app.files.local(file.sha256, (place) => firstPage(place, file.kind as FileKind)));
  if (!picture) return new Response(null, { status: 404 });
  return new Response(new Uint8Array(picture), { headers: { 'content-type': 'image/png', 'content-length': String(picture.length), 'cache-control': 'no-store' } });
}
