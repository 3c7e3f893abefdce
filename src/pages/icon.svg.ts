import fs from 'node:fs/promises';
import path from 'node:path';
import type { APIContext } from 'astro';

/** The picture of the browser's tab, from content/municipality. */
export async function GET({ locals: { app } }: APIContext): Promise<Response> {
  const icon = await fs.readFile(path.join(app.config.contentDir, 'municipality/icon.svg'), 'utf8');
  return new Response(icon, { headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=3600' } });
}
