import fs from 'node:fs/promises';
import path from 'node:path';
import { audit } from '../../platform/audit.ts';
import { type Clock, hours } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import type { ClockWork } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';

/** An expired upload says so for a while before nothing is known of it; a request that began before has ended by then. */
const grace = hours(1);
/** Longer than anything takes that has no row: a form's file on its way, an upload between two names. */
const orphanAge = hours(48);

/** The clock's work on uploads: what nobody goes on with is forgotten, and its bytes go. */
export function uploadsSweep(db: Db, incoming: string, clock: Clock, log: Log): ClockWork {
  return {
    name: 'uploads-sweep',
    pattern: '20 * * * *',
    async run() {
      const expired = await sweepExpired(db, incoming, clock.now());
      const orphans = await sweepOrphans(db, incoming);
      if (expired + orphans > 0) log('info', 'uploads swept', { expired, orphans });
    },
  };
}

/** Row first: bytes without a row are found again, a row without its bytes would promise what is gone. */
export async function sweepExpired(db: Db, incoming: string, now: Date): Promise<number> {
  const gone = await db.transaction().execute(async (tx) => {
    const rows = await tx
      .deleteFrom('upload')
      .where('expires_at', '<', new Date(now.getTime() - grace))
      .returning(['id', 'supplier_id', 'received_bytes', 'finished_at'])
      .execute();
    for (const { id, supplier_id, received_bytes, finished_at } of rows) if (!finished_at) await audit(tx, 'upload.expired', id, { bytes: received_bytes }, supplier_id);
    return rows;
  });
  for (const { id } of gone) for (const name of [id, `${id}.whole`, `${id}.copy`]) await fs.rm(path.join(incoming, name), { force: true });
  return gone.length;
}

/** Files on their way in that no row knows and nobody has touched for two days, by the machine's own clock as the file system uses it. */
export async function sweepOrphans(db: Db, incoming: string): Promise<number> {
  let swept = 0;
  const names = await fs.readdir(incoming).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const place = path.join(incoming, name);
    const stat = await fs.stat(place).catch(() => null);
    if (!stat?.isFile() || Date.now() - stat.mtimeMs < orphanAge) continue;
    const known = await db
      .selectFrom('upload')
      .select('id')
      .where('id', '=', name.split('.')[0] ?? '')
      .where('finished_at', 'is', null)
      .executeTakeFirst();
    if (known) continue;
    await fs.rm(place, { force: true });
    swept += 1;
  }
  return swept;
}
