import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import { close, createIndex } from 'pagefind';
import type { Config } from '../platform/config.ts';
import type { SearchEntry } from './collect.ts';

/**
 * The index that the browser searches while one types. Each lies in a folder of its own, named by what is in it; a file
 * says which is current and is replaced in one step. Pages that are open go on with the index they began with.
 */
const kept = 3;
const pointer = 'current';
/** Beyond these the server's search alone knows: the browser would load too much (measured: 8 kB of names per 1,000). */
const mostRecords = 2_000;

/** Where the indexes lie. The site serves them as /pagefind; without a disk that site and worker share, the server's search is all there is. */
export const searchIndexRoot = (config: Config): string => path.join(config.dataDir, 'pagefind');

/** The folder below `root` that holds the current index; null until the first is written. */
export async function currentIndex(root: string): Promise<string | null> {
  try {
    return (await fs.readFile(path.join(root, pointer), 'utf8')).trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes the index when anything in it has changed. Returns its folder's name. */
export async function writeIndex(root: string, entries: readonly SearchEntry[]): Promise<string> {
  const records = [...entries].sort((a, b) => a.address.localeCompare(b.address)).slice(0, mostRecords);
  const version = createHash('sha256').update(JSON.stringify(records)).digest('hex').slice(0, 16);
  if ((await currentIndex(root)) === version) return version;

  const folder = path.join(root, version);
  const unfinished = `${folder}.unfinished-${process.pid}`;
  await fs.rm(unfinished, { recursive: true, force: true });
  try {
    const { index, errors } = await createIndex();
    if (!index) throw new Error(`no search index: ${errors.join('; ')}`);
    for (let at = 0; at < records.length; at += 500) {
      const added = await Promise.all(records.slice(at, at + 500).map((entry) => index.addHTMLFile({ url: entry.address, content: asPage(entry) })));
      const wrong = added.flatMap((one) => one.errors);
      if (wrong.length > 0) throw new Error(`no search index: ${wrong.join('; ')}`);
    }
    await index.writeFiles({ outputPath: unfinished });
  } finally {
    await close();
  }
  await compressScripts(unfinished);
  await fs.rm(folder, { recursive: true, force: true });
  await fs.rename(unfinished, folder);
  await fs.writeFile(path.join(root, `${pointer}.new`), version);
  await fs.rename(path.join(root, `${pointer}.new`), path.join(root, pointer));
  await removeOld(root);
  return version;
}

/** A record as a page: what it says, and everyday words that should find it though they do not stand on it. */
function asPage({ lang, kind, title, body, words }: SearchEntry): string {
  return `<!doctype html><html lang="${lang}"><body data-pagefind-body data-pagefind-meta="kind:${kind}"><h1>${escaped(title)}</h1><p>${escaped(body)}</p>${words ? `<p>${lang === 'da' ? 'Søgeord' : 'Keywords'}: ${escaped(words)}</p>` : ''}</body></html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const brotli = promisify<Buffer, Buffer>(brotliCompress);

async function compressScripts(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    if (/^pagefind(-worker)?\.js$/.test(name)) await fs.writeFile(path.join(folder, `${name}.br`), await brotli(await fs.readFile(path.join(folder, name))));
    // The library brings its own user interface; ours is src/search/live.ts.
    else if (/\.(js|css)$/.test(name)) await fs.rm(path.join(folder, name));
  }
}

async function removeOld(root: string): Promise<void> {
  const folders = (await fs.readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => path.join(root, name));
  const dated = await Promise.all(folders.map(async (folder) => ({ folder, at: (await fs.stat(folder)).mtimeMs })));
  for (const { folder } of dated.sort((a, b) => b.at - a.at).slice(kept)) await fs.rm(folder, { recursive: true, force: true });
}
