import { collect, collectable, graceMs, noteUnreferenced } from '../documents/keeping/collect.ts';
import { checkStore, type StoreCheck } from '../documents/keeping/nightly.ts';
import { days } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Db } from '../platform/db.ts';
import { openFiles } from '../platform/files/open.ts';
import type { Log } from '../platform/log.ts';

/** files check [--all]: rows and store one to one; with --all every file is read as well. Exit code 1 when a file has a fault. */
export async function filesCheckCommand(db: Db, config: Config, log: Log, all: boolean): Promise<number> {
  const found = await checkStore(db, openFiles(config), config.clock, log, all);
  for (const line of linesOf(found)) console.log(line);
  const faults = await db.selectFrom('held_file').select(['sha256', 'fault', 'fault_at']).where('fault', 'is not', null).orderBy('fault_at').limit(1000).execute();
  for (const { sha256, fault, fault_at } of faults) console.log(`${fault} since ${fault_at?.toISOString()}: ${sha256}`);
  const sound = found.matched === found.referred && faults.length === 0;
  console.log(
    sound ? 'One to one: every file that a row refers to is in the store.' : 'Files have faults. Bring them back from a backup; the same file sent again mends them too.',
  );
  return sound ? 0 : 1;
}

function linesOf({ referred, matched, held, heldBytes, unreferenced, unreferencedBytes, unknown, missing, otherSize, reread }: StoreCheck): string[] {
  return [
    `${referred} files that rows refer to: ${matched} in the store with their size, ${missing.count} missing, ${otherSize.count} of another size.`,
    `${held} files in the store (${heldBytes} bytes): ${held - unreferenced} referred to, ${unreferenced} (${unreferencedBytes} bytes) waiting to be collected${unknown > 0 ? `, ${unknown} of them new to the database` : ''}.`,
    `${reread.read} files read to the end: ${reread.read - reread.damaged - reread.missing} whole, ${reread.damaged} damaged, ${reread.missing} missing.`,
  ];
}

/** files collect [--dry-run]: removes bytes that no row has referred to for the time of grace. */
export async function filesCollectCommand(db: Db, config: Config, dryRun: boolean): Promise<number> {
  const now = config.clock.now();
  if (!dryRun) {
    console.log(`${await collect(db, openFiles(config), now)} files removed.`);
    return 0;
  }
  await noteUnreferenced(db, now);
  const waste = await collectable(db, now, 1000);
  for (const { sha256, size_bytes } of waste) console.log(`${sha256} ${size_bytes ?? '?'} bytes`);
  console.log(`${waste.length}${waste.length === 1000 ? ' or more' : ''} files would be removed. Others that no row refers to wait until ${graceMs / days(1)} days have passed.`);
  return 0;
}
