import fs from 'node:fs';
import path from 'node:path';
import { catalogueOf } from '../content/catalogue.ts';
import { contentStore } from '../content/store.ts';
import { withRegister } from '../documents/keeping/register.ts';
import { today } from '../platform/clock.ts';
import { type Config, SettingError } from '../platform/config.ts';
import type { Db } from '../platform/db.ts';
import { openFiles } from '../platform/files/open.ts';
import type { Log } from '../platform/log.ts';
import { faultText } from '../tenders/eforms/messages.ts';
import { largestNotice, type Receiving, receiveNotice } from '../tenders/notices/receive.ts';
import type { TenderPublication } from '../tenders/publish.ts';
import { keepTenderMessages } from '../tenders/staff/messages.ts';

/**
 * import notices <xml…>: brings notices in, each in a transaction of its own; a folder stands for its .xml files.
 * Exit code 0: all of them, 1: some were refused, 2: nothing to read.
 */
export async function importNoticesCommand(
  db: Db,
  config: Config,
  log: Log,
  places: readonly string[],
  { anyBuyer, tell }: { readonly anyBuyer: boolean; readonly tell?: NonNullable<TenderPublication['tell']> },
): Promise<number> {
  const names = places.flatMap(xmlFilesAt);
  if (names.length === 0) throw new SettingError('name XML files, or a folder of them');
  const content = contentStore(config.contentDir, log).current();
  const files = withRegister(openFiles(config), db, config.clock);
  const words = keepTenderMessages.en.received;
  const sum = { taken: 0, known: 0, refused: 0 };
  const receiving: Receiving = {
    catalogue: catalogueOf(content),
    now: config.clock.now(),
    by: null,
    byName: 'command',
    files,
    cvr: content.municipality.cvr,
    anyBuyer,
    today: today(config.clock),
    ...(tell && { tell }),
  };
  for (const [index, name] of names.entries()) {
    const refuse = (why: string): void => {
      sum.refused += 1;
      console.error(`${process.stdout.isTTY ? '\r' : ''}${name}: ${why}`);
    };
    if (fs.statSync(name).size > largestNotice) {
      refuse(keepTenderMessages.en.fileFault['file-too-large']);
      continue;
    }
    const bytes = fs.readFileSync(name);
    const outcome = await db.transaction().execute((tx) => receiveNotice(tx, { name: path.basename(name), bytes }, receiving));
    if (outcome.kind === 'taken') sum.taken += 1;
    else if (outcome.kind === 'known') sum.known += 1;
    else if (outcome.kind === 'refused') refuse(outcome.faults.map((fault) => faultText(fault, 'en')).join(' '));
    else if (outcome.kind === 'other-content') refuse(words['other-content']);
    else refuse('the buyer is somebody else; --any-buyer takes it');
    if (process.stdout.isTTY) process.stdout.write(`\r${index + 1} of ${names.length}`);
  }
  console.log(`${process.stdout.isTTY ? '\r' : ''}${sum.taken} notices were brought in, ${sum.known} were known already, ${sum.refused} were refused.`);
  return sum.refused > 0 ? 1 : 0;
}

function xmlFilesAt(place: string): string[] {
  if (!fs.existsSync(place)) throw new SettingError(`${place}: there is no such file`);
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs
    .readdirSync(place)
    .filter((name) => /\.xml$/i.test(name))
    .sort()
    .map((name) => path.join(place, name));
}
