import pg from 'pg';
import type { Config } from '../config.ts';
import { connect, migrate, urlForRole } from '../db.ts';
import { migrateJobs } from '../jobs.ts';
import type { Log } from '../log.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

export interface Database {
  readonly ownerUrl: string;
  readonly webUrl: string;
  readonly workerUrl: string;
  readonly jobsUrl: string;
  /** Stops the embedded PostgreSQL when it is ours. */
  stop(): Promise<void>;
}

/** Finds the database of the settings, starting the embedded one where none is named. */
export async function openDatabase(config: Config, say: (line: string) => void = () => {}): Promise<Database> {
  if (config.databaseUrl) return withRoles(config.databaseUrl, config, false, async () => {});
  const embedded = await startEmbeddedPostgres(`${config.dataDir}/postgres`, { say });
  await createIfMissing(embedded.url('postgres'), 'portal');
  if (embedded.attached) say('The database is already running for this data folder: using it');
  return withRoles(embedded.url('portal'), config, true, embedded.stop);
}

function withRoles(ownerUrl: string, config: Config, embedded: boolean, stop: () => Promise<void>): Database {
  return {
    ownerUrl,
    webUrl: urlForRole(ownerUrl, 'web', config.roleUrls.web, embedded),
    workerUrl: urlForRole(ownerUrl, 'worker', config.roleUrls.worker, embedded),
    jobsUrl: urlForRole(ownerUrl, 'jobs', config.roleUrls.jobs, embedded),
    stop,
  };
}

/** Brings the tables and the job library's tables up to date. */
export async function migrateAll(database: Pick<Database, 'ownerUrl' | 'jobsUrl'>, log: Log, onApplied?: (name: string) => void): Promise<void> {
  const owner = connect(database.ownerUrl, log, 1);
  try {
    await migrate(owner.db, onApplied);
  } finally {
    await owner.close();
  }
  await migrateJobs(database.jobsUrl);
}

export async function createIfMissing(maintenanceUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
