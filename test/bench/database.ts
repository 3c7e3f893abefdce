import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Content } from '../../src/content/content.ts';
import { loadContent } from '../../src/content/load.ts';
import { connect, type DbRole, urlForRole } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { createIfMissing, migrateAll } from '../../src/platform/postgres/database.ts';
import { startEmbeddedPostgres } from '../../src/platform/postgres/embedded-postgres.ts';

/** A PostgreSQL of the benchmark's own, migrated and empty, with a folder beside it; both are gone afterwards. */
export async function withDatabase(
  run: (bench: { folder: string; url: string; as(role: 'owner' | DbRole): ReturnType<typeof connect>; content: Content }) => Promise<void>,
): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-bench-'));
  const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
  const log = createLog('error');
  const connections: ReturnType<typeof connect>[] = [];
  try {
    await createIfMissing(postgres.url('postgres'), 'portal');
    await migrateAll({ ownerUrl: postgres.url(), jobsUrl: urlForRole(postgres.url(), 'jobs', undefined, true) }, log);
    const { content } = loadContent();
    if (!content) throw new Error('the content has faults');
    const as = (role: 'owner' | DbRole) => {
      const connection = connect(role === 'owner' ? postgres.url() : urlForRole(postgres.url(), role, undefined, true), log, 2);
      connections.push(connection);
      return connection;
    };
    await run({ folder, url: postgres.url(), as, content });
  } finally {
    for (const connection of connections) await connection.close();
    await postgres.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
