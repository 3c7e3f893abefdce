import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/platform/postgres/embedded-postgres.ts';

/** Runs the embedded PostgreSQL on a folder and writes rows without end, telling each number after its commit. */
const postgres = await startEmbeddedPostgres(process.argv[2] ?? '');
const client = new pg.Client({ connectionString: postgres.url('postgres') });
await client.connect();
await client.query('create table if not exists row (n bigint primary key)');
const { rows } = await client.query<{ n: string }>('select coalesce(max(n), 0) as n from row');
console.log(`started ${postgres.attached ? 'attached' : 'own'} ${process.getuid?.()}`);
for (let n = Number(rows[0]?.n) + 1; ; n += 1) {
  await client.query('insert into row values ($1)', [n]);
  console.log(n);
}
