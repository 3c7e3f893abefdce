import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright';
import type { TestProject } from 'vitest/node';
import { seed } from '../../db/seed/seed.ts';
import { createApp } from '../../src/app.ts';
import { buildIfStale } from '../../src/build.ts';
import { standingClock } from '../../src/platform/clock.ts';
import { readConfig } from '../../src/platform/config.ts';
import { connect, urlForRole } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { createIfMissing, migrateAll } from '../../src/platform/postgres/database.ts';
import { startEmbeddedPostgres } from '../../src/platform/postgres/embedded-postgres.ts';
import { chromiumOptions } from './chromium.ts';
import { demoPassword, testNow } from './known.ts';
import { roomyMemory } from './memory.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of the test cluster with {database} in it. */
    postgres: string;
    /** Folder with the files that the demonstration data refers to. */
    files: string;
    browser: string;
  }
}

/** Once per run: a PostgreSQL in memory with a migrated and a seeded template, the built site, a browser. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = fs.mkdtempSync(path.join(roomyMemory(), 'portal-test-'));
  const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'), { durable: false });
  const log = createLog('warn');

  await createIfMissing(postgres.url('postgres'), 'migrated');
  await migrateAll({ ownerUrl: postgres.url('migrated'), jobsUrl: urlForRole(postgres.url('migrated'), 'jobs', undefined, true) }, log);
  await createIfMissing(postgres.url('postgres'), 'seeded');
  const seeded = postgres.url('seeded');
  await migrateAll({ ownerUrl: seeded, jobsUrl: urlForRole(seeded, 'jobs', undefined, true) }, log);
  const files = path.join(folder, 'files');
  const config = { ...readConfig({ DATA_DIR: folder, DEMO_PASSWORD: demoPassword }), clock: standingClock(testNow), filesDir: files };
  const owner = connect(seeded, log, 2);
  const app = createApp(config, { webUrl: urlForRole(seeded, 'web', undefined, true) }, log);
  await seed({ ...app.followup, owner: owner.db, web: app.db, files: app.files, content: app.content, clock: app.clock, password: demoPassword });
  await app.close();
  await owner.close();

  await buildIfStale(console.log);
  const browser = await chromium.launchServer(chromiumOptions());
  project.provide('postgres', postgres.url('{database}'));
  project.provide('files', files);
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await postgres.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
}
