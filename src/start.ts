import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { seed } from '../db/seed/seed.ts';
import { createApp, provideApp, startJobs } from './app.ts';
import { buildIfStale } from './build.ts';
import { ContentFaults } from './content/files.ts';
import { type Config, readConfig, SettingError } from './platform/config.ts';
import { connect } from './platform/db.ts';
import { createLog, type Log } from './platform/log.ts';
import { type Database, migrateAll, openDatabase } from './platform/postgres/database.ts';
import { runSite, stopOnSignal } from './server.ts';
import { uploadEndpoint } from './web/uploads/endpoint.ts';

/** The one command: database, tables, demonstration data, build, site. With --dev the site reloads as files change. */
const developing = process.argv.includes('--dev');
const say = (line: string): void => console.log(`· ${line}`);

try {
  await start();
} catch (error) {
  if (error instanceof SettingError || error instanceof ContentFaults) console.error(error.message);
  else if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') console.error('The port is in use by another program. Stop it, or choose another: PORT=4322 npm start');
  else console.error(error);
  process.exit(1);
}

async function start(): Promise<void> {
  const config = readConfig();
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  say(config.databaseUrl ? 'Database: DATABASE_URL' : `Database: embedded PostgreSQL in ${path.relative('.', config.dataDir) || config.dataDir}/postgres`);
  const database = await openDatabase(config, say);
  await migrateAll(database, log, (name) => say(`Tables: ${name}`));
  if (config.demo) await makeDemonstration(config, database, log);

  if (developing) return develop(config, database, log);
  await buildIfStale(say);
  welcome(config, await runSite(config, database, log));
}

async function develop(config: Config, database: Database, log: Log): Promise<void> {
  const app = createApp(config, database, log);
  app.content.watch(app.pages.changed);
  provideApp(app);
  const worker = config.worker === 'inline' ? await startJobs(config, database, log) : undefined;
  const { dev } = await import('astro');
  const uploads = uploadEndpoint(app);
  const takeUploads = (req: IncomingMessage, res: ServerResponse, next: () => void): void => (uploads.takes(req.url ?? '') ? void uploads.answer(req, res, randomUUID()) : next());
  const configureServer = ({ middlewares }: { middlewares: { use(handler: typeof takeUploads): void } }): void => void middlewares.use(takeUploads);
  const vite = { plugins: [{ name: 'uploads', configureServer }] };
  const server = await dev({ root: '.', server: { port: config.port, host: config.host }, vite });
  stopOnSignal(log, async () => {
    await server.stop();
    await worker?.stop();
    await app.close();
    await database.stop();
  });
  welcome(config, `http://localhost:${server.address.port}`);
  say(`Components in every state: http://localhost:${server.address.port}/udvikling/komponenter`);
}

async function makeDemonstration(config: Config, database: Database, log: Log): Promise<void> {
  const owner = connect(database.ownerUrl, log, 2);
  const app = createApp(config, database, log);
  try {
    const made = await seed(
      { ...app.followup, owner: owner.db, web: app.db, files: app.files, content: app.content, clock: config.clock, password: config.demoPassword ?? '' },
      (done, of) => {
        if (done % 20 === 0 || done === of) say(`Demonstration data: ${done} of ${of} obligations`);
      },
    );
    if (!made) say('Demonstration data: already there');
  } finally {
    await app.close();
    await owner.close();
  }
}

function welcome(config: Config, url: string): void {
  console.log(`\n  The site:  ${url}\n  English:   ${url}/en\n`);
  if (!config.demo) return;
  console.log(`  Log in at ${url}/log-ind with the password ${config.demoPassword}\n`);
  console.log('    leverandoer@demo.example    supplier: files documentation');
  console.log('    sagsbehandler@demo.example  case officer: accepts or returns it');
  console.log('    (more accounts in README.md)\n\n  Stop with Ctrl-C. Everything is kept in the data folder.\n');
}
