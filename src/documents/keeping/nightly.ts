import { type Clock, days } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';
import type { ClockWork } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import { collect } from './collect.ts';
import { type Reconciliation, reconcile } from './reconcile.ts';
import { type Reread, rereadFiles } from './reread.ts';

export interface StoreCheck extends Reconciliation {
  readonly reread: Reread;
}

/** Compares rows and store, reads a share of the files (`all`: every one), and writes down what was found. */
export async function checkStore(db: Db, files: Files, clock: Clock, log: Log, all = false, removed = 0): Promise<StoreCheck> {
  const startedAt = clock.now();
  const found = await reconcile(db, files, startedAt, log);
  const reread = await rereadFiles(db, files, startedAt, log, all);
  const { damaged } = await db
    .selectFrom('held_file')
    .select((eb) => eb.fn.countAll<number>().as('damaged'))
    .where('fault', '=', 'damaged')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('store_check')
    .values({
      started_at: startedAt,
      finished_at: clock.now(),
      referred: found.referred,
      matched: found.matched,
      missing: found.missing.count,
      damaged,
      held: found.held,
      held_bytes: found.heldBytes,
      unreferenced: found.unreferenced,
      unreferenced_bytes: found.unreferencedBytes,
      reread: reread.read,
      removed,
    })
    .execute();
  return { ...found, reread };
}

/** What happens to the store each night: cleared of what broke off, collected, compared, and a share of it read. */
export function storeWork(db: Db, files: Files, clock: Clock, log: Log): ClockWork {
  return {
    name: 'files-keep',
    pattern: '20 1 * * *',
    async run() {
      const tidied = await files.tidy(new Date(clock.now().getTime() - days(1)));
      const removed = await collect(db, files, clock.now());
      const check = await checkStore(db, files, clock, log, false, removed);
      log('info', 'store looked through', { tidied, removed, referred: check.referred, matched: check.matched, held: check.held, reread: check.reread.read });
    },
  };
}
