import fs from 'node:fs/promises';
import path from 'node:path';
import type { APIContext } from 'astro';

/** The picture that others show beside a link to us, from content/municipality. */
export async function GET({ locals: { app } }: APIContext): Promise<Response> {
  const picture = await fs.readFile(path.join(app.config.contentDir, 'municipality/share.png'));
  return new Response(new Uint8Array(picture), { headers: { 'content-type': 'image/png', 'cache-control': 'public, max-age=3600' } });
}
