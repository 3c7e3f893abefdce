import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { type Actor, loadActor } from '../../src/identity/actor.ts';
import { standingClock } from '../../src/platform/clock.ts';
import { readConfig } from '../../src/platform/config.ts';
import { type Connection, connect, urlForRole } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from './clean-up.ts';
import { demoPassword, testNow } from './known.ts';

export interface TestDatabase {
  readonly ownerUrl: string;
  readonly webUrl: string;
  readonly workerUrl: string;
  readonly jobsUrl: string;
  /** Connected as the owner, past row-level security: for looking, and for breaking things on purpose. */
  readonly owner: Connection;
}

const silent = createLog('error', () => {});

/** A database of the test file's own, copied from a template. */
export async function freshDatabase(template: 'seeded' | 'migrated' = 'seeded'): Promise<TestDatabase> {
  const url = inject('postgres');
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: url.replace('{database}', 'postgres').replace('%7Bdatabase%7D', 'postgres') });
  await admin.connect();
  for (let tries = 0; ; tries += 1) {
    try {
      await admin.query(`create database ${name} template ${template} strategy file_copy`);
      break;
    } catch (error) {
      // Another file is copying the same template at this moment.
      if ((error as { code?: string }).code !== '55006' || tries > 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await admin.end();
  const ownerUrl = url.replace('{database}', name).replace('%7Bdatabase%7D', name);
  const owner = connect(ownerUrl, silent, 4);
  atEnd(() => owner.close());
  return {
    ownerUrl,
    owner,
    webUrl: urlForRole(ownerUrl, 'web', undefined, true),
    workerUrl: urlForRole(ownerUrl, 'worker', undefined, true),
    jobsUrl: urlForRole(ownerUrl, 'jobs', undefined, true),
  };
}

/** The app on a database of its own, with the demonstration's clock. */
export async function testApp(database?: TestDatabase): Promise<App & { database: TestDatabase }> {
  const own = database ?? (await freshDatabase());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-app-'));
  const config = { ...readConfig({ DATA_DIR: folder, DEMO_PASSWORD: demoPassword }), clock: standingClock(testNow), filesDir: path.join(folder, 'files') };
  const app = createApp(config, own, silent);
  atEnd(async () => {
    await app.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return { ...app, database: own };
}

export async function actorOf(app: App, email: string): Promise<Actor> {
  const account = await app.db.selectFrom('account').select(['id', 'email', 'name']).where('email', '=', email).executeTakeFirstOrThrow();
  return loadActor(app.db, account);
}
