import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { urlForRole } from '../src/platform/db.ts';
import { createIfMissing, migrateAll } from '../src/platform/postgres/database.ts';
import { startEmbeddedPostgres } from '../src/platform/postgres/embedded-postgres.ts';

/**
 * Writes db/schema.ts from a database that has just been migrated; with --verify only compares, and exits with 1 when
 * the file no longer tells the truth.
 */
const verify = process.argv.includes('--verify');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-schema-'));
const postgres = await startEmbeddedPostgres(folder, { durable: false });
try {
  await createIfMissing(postgres.url('postgres'), 'portal');
  await migrateAll({ ownerUrl: postgres.url(), jobsUrl: urlForRole(postgres.url(), 'jobs', undefined, true) }, () => {});
  const options = [
    '--dialect',
    'postgres',
    '--date-parser',
    'string',
    '--default-schema',
    'public',
    '--exclude-pattern',
    '(kysely_*|graphile_worker.*)',
    '--type-mapping',
    '{"int8":"number"}',
  ];
  execFileSync(
    process.execPath,
    ['node_modules/kysely-codegen/dist/cli/bin.js', ...options, '--url', postgres.url(), '--out-file', 'db/schema.ts', ...(verify ? ['--verify'] : [])],
    {
      stdio: verify ? 'pipe' : 'inherit',
    },
  );
} catch (error) {
  if (!verify) throw error;
  console.error('db/schema.ts differs from what the migrations make. Run: npm run schema');
  process.exitCode = 1;
} finally {
  await postgres.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
