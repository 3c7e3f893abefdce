import fs from 'node:fs/promises';
import path from 'node:path';

/** The picture of the browser's tab, from content/municipality. */
export async function GET(): Promise<Response> {
  const icon = await fs.readFile(path.resolve('content/municipality/icon.svg'));
  return new Response(icon, { headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=3600' } });
}
