import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { contentStore } from '../content/store.ts';
import { ocdsContext } from '../opendata/context.ts';
import { yearsOfPublication } from '../opendata/ocds/feed.ts';
import { yearPackage } from '../opendata/ocds/package.ts';
import type { Config } from '../platform/config.ts';
import type { Db } from '../platform/db.ts';
import type { Log } from '../platform/log.ts';

/** export ocds <dir>: writes a release package (OCDS 1.1.5) per year of publication, each under its name only when it is whole. */
export async function exportOcdsCommand(db: Db, config: Config, log: Log, folder: string): Promise<number> {
  const about = ocdsContext(contentStore(config.contentDir, log).current(), config.siteUrl);
  await fs.mkdir(folder, { recursive: true });
  const years = await yearsOfPublication(db);
  for (const year of years) {
    const parts = await yearPackage(db, year, about);
    if (!parts) continue;
    const file = path.join(folder, `${year}.json`);
    await pipeline(Readable.from(parts), createWriteStream(`${file}.unfinished`));
    await fs.rename(`${file}.unfinished`, file);
    console.log(file);
  }
  if (years.length === 0) console.log('Nothing has been published yet.');
  return 0;
}
