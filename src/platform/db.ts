import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs/promises';
import path from 'node:path';
import { CompiledQuery, type Driver, Kysely, PostgresDialect, type PostgresDialectConfig, PostgresDriver, sql, type Transaction } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';
import type { DB } from '../../db/schema.ts';
import type { Log } from './log.ts';
import { isUuid } from './uuid.ts';

export type Db = Kysely<DB>;
export type Tx = Transaction<DB>;
/** What a page may be given: a delete does not compile. */
export type Reader = Pick<Db, 'selectFrom'>;

/** Roles of db/migrations/0001_roles.sql. */
export type DbRole = 'web' | 'worker' | 'jobs';

pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const transactionControl = /^(begin|commit|rollback|start transaction)/i;

/** Queries of the request that is being answered, for the log and the budget test; begin and commit are not counted. */
export const queryCount = new AsyncLocalStorage<{ queries: number }>();

export interface Connection {
  readonly db: Db;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** Opens a pool. Connections that PostgreSQL drops are logged and replaced at the next query. */
export function connect(url: string, log: Log, max = 10): Connection {
  // Compiling a statement takes longer than our statements do, and so does starting a process to help with it.
  const pool = new pg.Pool({
    connectionString: withOption(url, '-c jit=off -c max_parallel_workers_per_gather=0'),
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
  });
  pool.on('error', (error) => log('warn', 'database connection lost', { error }));
  const db = new Kysely<DB>({
    dialect: new ActingDialect({ pool }),
    log: ({ query }) => {
      const counter = queryCount.getStore();
      if (counter && !transactionControl.test(query.sql)) counter.queries += 1;
    },
  });
  return { db, pool, close: () => db.destroy() };
}

function withOption(connectionString: string, option: string): string {
  const url = new URL(connectionString.replace('@/', '@socket/'));
  url.searchParams.set('options', [url.searchParams.get('options'), option].filter(Boolean).join(' '));
  return url.href.replace('@socket/', '@/');
}

/** The connection string for a less privileged role: its own where one is set, else the owner's with the role taken on at connection. */
export function urlForRole(ownerUrl: string, role: DbRole, own: string | undefined, embedded: boolean): string {
  if (own) return own;
  const url = new URL(ownerUrl.replace('@/', '@socket/'));
  if (embedded) url.username = `portal_${role}`;
  else url.searchParams.set('options', `-c role=portal_${role}`);
  return url.href.replace('@socket/', '@/');
}

/**
 * Runs `work` in one transaction on behalf of an account (null: nobody). Row-level security shows and accepts only
 * what that account may see and do; it is set first and ends with the transaction.
 */
export function asAccount<T>(db: Db, accountId: string | null, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (accountId !== null && !isUuid(accountId)) throw new RangeError('not an account id');
  return acting.run(accountId ?? '', () => db.transaction().execute((tx) => acting.run(undefined, () => work(tx))));
}

/**
 * Lets `work` start statements of a transaction without waiting for each, and waits for all of them, however `work` ends:
 * what is still on its way when its transaction ends is done outside it, and stays. Throws what failed first.
 */
export async function sendingAhead(work: (send: (started: Promise<unknown>) => void) => Promise<void>): Promise<void> {
  const sent: Promise<unknown>[] = [];
  let failure: { readonly first: unknown } | undefined;
  const note = (first: unknown): void => {
    failure ??= { first };
  };
  await work((started) => void sent.push(started.catch(note))).catch(note);
  await Promise.all(sent);
  if (failure) throw failure.first;
}

const place = Symbol.for('portal.acting');
const shared = globalThis as { [place]?: AsyncLocalStorage<string | undefined> };
shared[place] ??= new AsyncLocalStorage<string | undefined>();
/** On whose behalf the transaction runs that is being begun: an account id, which stands in the text of the statement. The built site has a copy of this file of its own. */
const acting = shared[place];

/** Begins a transaction and says on whose behalf in one message: the way to the database and back is most of what a short transaction costs. */
class ActingDriver extends PostgresDriver {
  override async beginTransaction(...[connection, settings]: Parameters<PostgresDriver['beginTransaction']>): Promise<void> {
    const account = acting.getStore();
    if (account === undefined) return super.beginTransaction(connection, settings);
    await connection.executeQuery(CompiledQuery.raw(`begin; select set_config('app.actor', '${account}', true)`));
  }
}

class ActingDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new ActingDriver(this.#config);
  }
}

export const migrationsDir = path.resolve('db/migrations');

/** Applies the SQL files of db/migrations that are missing, in order, each once, also when several processes try at the same time. */
export async function migrate(db: Db, onApplied: (name: string) => void = () => {}): Promise<void> {
  const migrator = new Migrator({ db: db as unknown as Kysely<unknown>, provider: { getMigrations: sqlMigrations } });
  const { error, results } = await migrator.migrateToLatest();
  for (const result of results ?? []) if (result.status === 'Success') onApplied(result.migrationName);
  if (error) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    throw new Error(`Migration ${failed ?? ''} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function sqlMigrations(): Promise<Record<string, Migration>> {
  const names = (await fs.readdir(migrationsDir)).filter((name) => name.endsWith('.sql')).sort();
  const found: Record<string, Migration> = {};
  for (const name of names) {
    const text = await fs.readFile(path.join(migrationsDir, name), 'utf8');
    found[name.replace(/\.sql$/, '')] = { up: async (db) => void (await sql.raw(text).execute(db)) };
  }
  return found;
}
