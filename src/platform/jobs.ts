import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLevel, Runner, TaskList, WorkerEvents } from 'graphile-worker';
import { type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import { minutes } from './clock.ts';
import type { Tx } from './db.ts';
import type { Level, Log } from './log.ts';

/** Jobs that something enqueues, with what each carries. */
export interface JobPayloads {
  'mail-send': { readonly mailId: string };
  'file-check': { readonly sha256: string; readonly kind: string };
  'alerts-match': { readonly announcementId: string };
  'return-read': { readonly id: string };
}

export type JobName = keyof JobPayloads;
export type JobHandlers = { readonly [Name in JobName]: (payload: JobPayloads[Name]) => Promise<void> };

/** Work that the clock starts, whether or not anybody visits; the handler must bear to run twice. */
export interface ClockWork {
  readonly name: string;
  /** crontab pattern, UTC. */
  readonly pattern: string;
  readonly run: () => Promise<void>;
}

/** Enqueues a job in the transaction of the change that calls for it: both happen or neither. One waiting job per key. */
export async function enqueue<Name extends JobName>(tx: Tx, name: Name, payload: JobPayloads[Name], key: string): Promise<void> {
  await sql`select ${enqueuing(name, payload, key)}`.execute(tx);
}

/** The same as a part of a statement that does more. */
export function enqueuing<Name extends JobName>(name: Name, payload: JobPayloads[Name], key: string): RawBuilder<unknown> {
  return sql`jobs.enqueue(${name}, ${JSON.stringify(payload)}::json, ${key})`;
}

/** Loaded by the process that runs jobs: it takes memory that one that only enqueues need not spend. */
const library = () => import('graphile-worker');

export async function migrateJobs(jobsUrl: string): Promise<void> {
  const { Logger, runMigrations } = await library();
  await runMigrations({ connectionString: jobsUrl, logger: new Logger(() => () => {}) });
}

export interface Worker {
  /** Lets running jobs finish, then stops. */
  stop(): Promise<void>;
}

/** Number space of the advisory locks by which workers show that they live. */
const leaseSpace = 7301;
const reapEvery = 2_000;
/** A lease may be lost for a moment when PostgreSQL restarts: only jobs held longer than this by nobody are freed. */
const graceSeconds = 5;

/**
 * Runs jobs until stopped. A worker that dies holding a job is noticed within seconds, since its advisory lock goes
 * with its connection, and the job runs again; so every handler must bear to run twice.
 */
export async function startWorker(jobsUrl: string, handlers: Partial<JobHandlers>, clockWork: readonly ClockWork[], log: Log, concurrency = 2): Promise<Worker> {
  const pool = new pg.Pool({ connectionString: jobsUrl, max: concurrency + 4 });
  const lost = (error: Error): void => log('warn', 'job connection lost', { error });
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));

  const taskList: TaskList = {};
  for (const [name, handler] of Object.entries(handlers)) taskList[name] = (payload) => (handler as (given: unknown) => Promise<void>)(payload);
  for (const work of clockWork) taskList[work.name] = () => work.run();

  const events: WorkerEvents = new EventEmitter();
  let poolId = '';
  events.on('pool:create', ({ workerPool }) => {
    poolId = workerPool.id;
  });
  events.on('job:error', ({ job, error }) => log('error', 'job failed', { task: job.task_identifier, job: job.id, attempt: job.attempts, error }));

  const { Logger, run } = await library();
  const runner: Runner = await run({
    pgPool: pool,
    taskList,
    concurrency,
    noHandleSignals: true,
    pollInterval: 5_000,
    crontab: clockWork.map((work) => `${work.pattern} ${work.name}`).join('\n'),
    events,
    logger: new Logger((scope) => (level: LogLevel, message) => {
      if (level === 'error' || level === 'warning') log((level === 'warning' ? 'warn' : level) as Level, message, { scope });
    }),
  });
  const lease = await holdLease(jobsUrl, poolId);
  const reaper = setInterval(() => {
    freeJobsOfTheDead(pool).catch((error: unknown) => log('warn', 'could not look for abandoned jobs', { error }));
  }, reapEvery);

  return {
    async stop() {
      clearInterval(reaper);
      await runner.stop();
      await lease.release();
      await pool.end();
    },
  };
}

/** Keeps the advisory lock of this worker on a connection of its own, taking it again when the connection is lost. */
async function holdLease(jobsUrl: string, poolId: string): Promise<{ release(): Promise<void> }> {
  let held: pg.Client | undefined;
  let released = false;

  async function take(): Promise<void> {
    while (!released) {
      const client = new pg.Client({ connectionString: jobsUrl, keepAlive: true });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.query('select pg_advisory_lock($1, hashtext($2))', [leaseSpace, poolId]);
        client.once('end', () => void take());
        held = client;
        return;
      } catch {
        await client.end().catch(() => {});
        await sleep(500);
      }
    }
  }

  await take();
  return {
    async release() {
      released = true;
      await held?.end();
    },
  };
}

async function freeJobsOfTheDead(pool: pg.Pool): Promise<void> {
  await pool.query(
    `with dead as materialized (
       select held.by from (select distinct locked_by as by from graphile_worker._private_jobs
                            where locked_at < now() - make_interval(secs => $2)) held
       where pg_try_advisory_xact_lock($1, hashtext(held.by)))
     select graphile_worker.force_unlock_workers(array_agg(dead.by)) from dead having count(*) > 0`,
    [leaseSpace, graceSeconds],
  );
}

/** How often the clock's own work is due: a quarter of an hour is fine-grained enough for dates. */
export const everyQuarterHour = `*/${minutes(15) / minutes(1)} * * * *`;

/** On the hour. */
export const everyHour = '0 * * * *';
