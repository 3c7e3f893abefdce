import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ContentFaults } from './content/files.ts';
import { loadContent } from './content/load.ts';

/** Builds the site when something it is made of is newer than the last build. Throws with the build's own words when it fails. */
export async function buildIfStale(say: (line: string) => void): Promise<void> {
  const { faults } = loadContent();
  if (faults.length > 0) throw new ContentFaults(faults);
  const built = fs.statSync('dist/server/entry.mjs', { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = Math.max(...['src', 'public', 'astro.config.mjs', 'package-lock.json'].map(newestChange));
  if (built > newest) return;
  say('Building the site (about ten seconds)');
  const child = spawn(process.execPath, ['node_modules/astro/bin/astro.mjs', 'build'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`The site could not be built:\n${output}`);
}

function newestChange(entry: string): number {
  const stat = fs.statSync(entry, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  const within = fs.readdirSync(entry, { recursive: true, withFileTypes: true });
  return Math.max(stat.mtimeMs, ...within.map((each) => fs.statSync(path.join(each.parentPath, each.name)).mtimeMs));
}
