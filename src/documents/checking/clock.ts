import { sql } from 'kysely';
import { hours, minutes } from '../../platform/clock.ts';
import type { Tx } from '../../platform/db.ts';
import type { ClockWork, JobHandlers } from '../../platform/jobs.ts';
import { signaturesFrom } from '../scanner/clamd.ts';
import type { CheckContext } from './context.ts';
import { checkStored } from './job.ts';

const atATime = 500;
/** Files that can be opened already wait behind those that cannot. */
const [first, later] = [0, 10];
const askVersionEvery = minutes(15);
/** Signatures come daily; those of the day before yesterday are a fault of the installation. */
const oldSignatures = hours(48);

/** The job that checks a file, and the clock's work: trying again what waits, and trying new signatures on old files. */
export function fileChecks(context: CheckContext): { readonly handlers: Pick<JobHandlers, 'file-check'>; readonly clockWork: readonly ClockWork[] } {
  let version: string | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    handlers: { 'file-check': (content) => checkStored(context, content) },
    clockWork: [
      {
        name: 'files-by-the-clock',
        pattern: '* * * * *',
        async run() {
          await enqueueDue(context);
          if (!context.scanner) return;
          if (performance.now() - askedAt >= askVersionEvery) {
            version = await context.scanner.version();
            askedAt = performance.now();
            warnOfOldSignatures(context, version);
          }
          if (version) await enqueueOutdated(context, version);
        },
      },
    ],
  };
}

/** Files whose next try has come. Returns how many. */
export function enqueueDue({ db, now }: Pick<CheckContext, 'db' | 'now'>): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const due = await tx
      .selectFrom('stored_file')
      .select(['sha256', 'kind'])
      .where('verdict', '=', 'waiting')
      .where('erased_at', 'is', null)
      .where('next_try_at', '<=', now())
      .orderBy('next_try_at')
      .limit(atATime)
      .execute();
    return enqueueFiles(tx, due, first);
  });
}

/** Files that no scanner has seen, or one with other signatures, the oldest verdict first. Returns how many. */
export function enqueueOutdated({ db }: Pick<CheckContext, 'db'>, version: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const outdated = await tx
      .selectFrom('stored_file')
      .select(['sha256', 'kind'])
      .where('verdict', 'in', ['clean', 'unscanned', 'held'])
      .where('erased_at', 'is', null)
      .where('signatures', 'is distinct from', version)
      .orderBy('checked_at')
      .limit(atATime)
      .execute();
    return enqueueFiles(tx, outdated, later);
  });
}

async function enqueueFiles(tx: Tx, files: readonly { readonly sha256: string; readonly kind: string }[], priority: number): Promise<number> {
  if (files.length > 0) await sql`select jobs.enqueue_files(${files.map((file) => JSON.stringify(file))}::json[], ${priority})`.execute(tx);
  return files.length;
}

function warnOfOldSignatures({ log }: CheckContext, version: string | null): void {
  const from = version && signaturesFrom(version);
  if (!version) log('warn', 'the virus scanner does not answer');
  else if (from && Date.now() - from.getTime() > oldSignatures) log('warn', 'the signatures of the virus scanner are old', { version, from: from.toISOString() });
}
