import path from 'node:path';
import type { AlertContext } from './alerts/context.ts';
import { alertJobs } from './alerts/sending/jobs.ts';
import { catalogueOf } from './content/catalogue.ts';
import { type ContentStore, contentStore } from './content/store.ts';
import { openPlanned } from './followup/jobs.ts';
import { chaseRenewals } from './followup/library/chase.ts';
import type { ObligationTypes } from './followup/obligation-type.ts';
import { followChanges } from './followup/plan/plan.ts';
import { type Sessions, sessionsIn } from './identity/sessions.ts';
import type { Municipality } from './municipality/municipality.ts';
import { type Clock, today } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import type { Database } from './platform/database.ts';
import { type Connection, connect, type Db } from './platform/db.ts';
import { filesOnDisk } from './platform/files/disk.ts';
import type { Files } from './platform/files/files.ts';
import { everyQuarterHour, startWorker, type Worker } from './platform/jobs.ts';
import type { Log } from './platform/log.ts';
import { mailBySmtp, mailToFolder } from './platform/mail/mail.ts';
import { searchIndexRoot } from './search/pagefind.ts';
import { rebuildSearch } from './search/rebuild.ts';
import { tenderWork } from './tenders/clock.ts';
import { type PageCache, pageCache } from './web/page-cache.ts';

/** Everything that a request needs, put together once per process. */
export interface App {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  /** Connected as portal_web. */
  readonly db: Db;
  readonly files: Files;
  readonly sessions: Sessions;
  /** What editors wrote; an edit shows without a restart. */
  readonly content: ContentStore;
  readonly municipality: Municipality;
  readonly types: ObligationTypes;
  /** Public pages as last rendered. */
  readonly pages: PageCache;
  /** For use cases of the follow-up. */
  readonly followup: { readonly types: ObligationTypes; readonly municipality: Municipality; readonly siteUrl: URL };
  /** For use cases of the alerts. */
  readonly alerts: AlertContext;
  close(): Promise<void>;
}

const alertContext = ({ siteUrl, secretKey }: Config, content: ContentStore): AlertContext => ({
  siteUrl,
  secretKey,
  get municipality() {
    return content.current().municipality;
  },
  get categories() {
    return content.current().da.categories;
  },
});

export function createApp(
  config: Config,
  database: Pick<Database, 'webUrl'>,
  log: Log,
  files: Files = filesOnDisk(config.filesDir),
  web: Connection = connect(database.webUrl, log),
): App {
  const content = contentStore(config.contentDir, log);
  const pages = pageCache();
  const ofContent = {
    get municipality() {
      return content.current().municipality;
    },
    get types() {
      return content.current().types;
    },
    siteUrl: config.siteUrl,
  };
  return {
    config,
    log,
    clock: config.clock,
    db: web.db,
    files,
    sessions: sessionsIn(web.db),
    content,
    get municipality() {
      return ofContent.municipality;
    },
    get types() {
      return ofContent.types;
    },
    pages,
    followup: ofContent,
    alerts: alertContext(config, content),
    async close() {
      content.close();
      await web.close();
    },
  };
}

/** Runs the jobs of all features until stopped. */
export async function startJobs(config: Config, database: Pick<Database, 'workerUrl' | 'jobsUrl'>, log: Log): Promise<Worker> {
  const { db, close } = connect(database.workerUrl, log, 3);
  const content = contentStore(config.contentDir, log);
  const sender = { from: config.mailFrom ?? `"${content.current().municipality.name.da}" <no-reply@${config.siteUrl.hostname}>`, host: config.siteUrl.hostname };
  const mail = config.smtpUrl ? mailBySmtp(config.smtpUrl, sender) : mailToFolder(path.join(config.dataDir, 'mail'), sender);
  let rebuilding: Promise<void> = Promise.resolve();
  // One after the other: an edit may come while the clock's own is at work.
  const rebuild = (): Promise<void> => {
    rebuilding = rebuilding
      .catch(() => undefined)
      .then(async () => {
        const pages = await rebuildSearch(db, content.current(), searchIndexRoot(config));
        log('info', 'search rebuilt', { pages });
      });
    return rebuilding;
  };
  const open = async (): Promise<void> => {
    const count = await openPlanned(db, today(config.clock));
    if (count > 0) log('info', 'obligations opened', { count });
  };
  const chase = async (): Promise<void> => {
    const { municipality, types } = content.current();
    const count = await chaseRenewals(db, { municipality, types, siteUrl: config.siteUrl }, today(config.clock));
    if (count > 0) log('info', 'renewals asked for', { count });
  };
  const follow = async (): Promise<void> => {
    const count = await followChanges(db, content.current().types, today(config.clock));
    if (count > 0) log('info', 'follow-up laid out anew', { count });
  };
  const alerts = alertJobs(db, () => alertContext(config, content), mail, config.clock.now, log);
  const tenders = tenderWork(db, config.clock, () => catalogueOf(content.current()), log);
  await open();
  await rebuild();
  const worker = await startWorker(
    database.jobsUrl,
    alerts.handlers,
    [
      { name: 'obligations-open', pattern: everyQuarterHour, run: open },
      { name: 'followup-layout', pattern: everyQuarterHour, run: follow },
      { name: 'certificates-chase', pattern: everyQuarterHour, run: chase },
      { name: 'search-rebuild', pattern: everyQuarterHour, run: rebuild },
      ...alerts.clockWork,
      ...tenders,
    ],
    log,
  );
  content.watch(() => void rebuild().catch((error: unknown) => log('error', 'search not rebuilt', { error })));
  return {
    async stop() {
      content.close();
      await worker.stop();
      await close();
    },
  };
}

const place = Symbol.for('portal.app');

/** The server and the pages are built apart and load modules twice; they meet here. */
export function provideApp(app: App): void {
  (globalThis as { [place]?: App })[place] = app;
}

export function currentApp(): App {
  const app = (globalThis as { [place]?: App })[place];
  if (!app) throw new Error('pages are served by src/server.ts or npm run dev, which provide the app');
  return app;
}
