import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { filesInS3 } from '../../src/platform/files/s3.ts';
import { testSettings } from './s3-server.ts';

/** Keeps a file of so many megabytes in the S3 at an address, and prints the most memory that it took, in megabytes. */
const [endpoint = '', megabytes = '1'] = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-large-'));
const store = filesInS3({ ...testSettings, endpoint: new URL(endpoint), prefix: '' }, folder);

let peak = 0;
const sample = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss());
};
setInterval(sample, 10).unref();

function* chunks() {
  for (let at = 0; at < Number(megabytes); at += 1) yield randomBytes(1_000_000);
}

const stored = await store.receive(Readable.from(chunks()), 1e9);
if (stored === 'too-large' || (await store.stat(stored.sha256))?.sizeBytes !== Number(megabytes) * 1_000_000) throw new Error('not kept');
fs.rmSync(folder, { recursive: true });
sample();
process.stdout.write(String(Math.round(peak / 1_000_000)));
