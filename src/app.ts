import path from 'node:path';
import { registerFollows } from './agreements/register/follow.ts';
import type { AlertContext } from './alerts/context.ts';
import { alertJobs } from './alerts/sending/jobs.ts';
import { catalogueOf } from './content/catalogue.ts';
import { type ContentStore, contentStore } from './content/store.ts';
import { fileChecks } from './documents/checking/clock.ts';
import { storeWork } from './documents/keeping/nightly.ts';
import { withRegister } from './documents/keeping/register.ts';
import { retentionWork } from './documents/retention/clock.ts';
import { clamd } from './documents/scanner/clamd.ts';
import { uploadsSweep } from './documents/uploads/sweep.ts';
import { openPlanned } from './followup/clock/open.ts';
import { warnOfDrafts } from './followup/clock/warn.ts';
import { chaseRenewals } from './followup/library/chase.ts';
import type { ObligationTypes } from './followup/obligation-type.ts';
import { followChanges } from './followup/plan/plan.ts';
import { issueMissing } from './followup/receipts/issue-missing.ts';
import type { FollowupContext } from './followup/submit.ts';
import { type Sessions, sessionsIn } from './identity/sessions.ts';
import type { Municipality } from './municipality/municipality.ts';
import { recountNightly } from './observations/recount.ts';
import { keepCheckpoint, originOf } from './platform/audit/checkpoint.ts';
import { type Clock, today } from './platform/clock.ts';
import { type Config, SettingError } from './platform/config.ts';
import { type Connection, connect, type Db } from './platform/db.ts';
import type { Files } from './platform/files/files.ts';
import { openFiles } from './platform/files/open.ts';
import { everyHour, everyQuarterHour, type JobHandlers, type JobPayloads, startWorker, type Worker } from './platform/jobs.ts';
import { type Locks, locksIn } from './platform/locks.ts';
import type { Log } from './platform/log.ts';
import { mailBySmtp, mailToFolder } from './platform/mail/mail.ts';
import type { Database } from './platform/postgres/database.ts';
import { readReturn, sweepLines } from './returns/kept/read.ts';
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
  readonly locks: Locks;
  readonly sessions: Sessions;
  /** What editors wrote; an edit shows without a restart. */
  readonly content: ContentStore;
  readonly municipality: Municipality;
  readonly types: ObligationTypes;
  /** Public pages as last rendered. */
  readonly pages: PageCache;
  /** For use cases of the follow-up. */
  readonly followup: FollowupContext;
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

export function createApp(config: Config, database: Pick<Database, 'webUrl'>, log: Log, store: Files = openFiles(config), web: Connection = connect(database.webUrl, log)): App {
  const content = contentStore(config.contentDir, log);
  const pages = pageCache();
  const locks = locksIn(database.webUrl, log);
  const ofContent = {
    get municipality() {
      return content.current().municipality;
    },
    get types() {
      return content.current().types;
    },
    get indicators() {
      return content.current().indicators;
    },
    siteUrl: config.siteUrl,
    signer: config.signer,
  };
  return {
    config,
    log,
    clock: config.clock,
    db: web.db,
    files: withRegister(store, web.db, config.clock),
    locks,
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
      await locks.close();
      await web.close();
    },
  };
}

/** Throws SettingError when the settings ask for a virus scanner and there is none that answers. */
export async function requireScanner({ clamd: address, clamdRequired }: Config): Promise<void> {
  if (!clamdRequired || !address || (await clamd(address).version())) return;
  throw new SettingError(`Setting CLAMD_REQUIRED asks for a virus scanner, but none answers at ${address}.`);
}

/** Runs the jobs of all features until stopped. */
export async function startJobs(config: Config, database: Pick<Database, 'workerUrl' | 'jobsUrl'>, log: Log): Promise<Worker> {
  const { db, pool, close } = connect(database.workerUrl, log, 4);
  const content = contentStore(config.contentDir, log);
  const sender = { from: config.mailFrom ?? `"${content.current().municipality.name.da}" <no-reply@${config.siteUrl.hostname}>`, host: config.siteUrl.hostname };
  const mail = config.smtpUrl ? mailBySmtp(config.smtpUrl, sender) : mailToFolder(path.join(config.dataDir, 'mail'), sender);
  const files = withRegister(openFiles(config), db, config.clock);
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
  const warn = async (): Promise<void> => {
    const { municipality, types } = content.current();
    const count = await warnOfDrafts(db, { municipality, types, siteUrl: config.siteUrl }, today(config.clock));
    if (count > 0) log('info', 'drafts near their deadline', { count });
  };
  const stopping = new AbortController();
  const checks = fileChecks({
    db,
    files,
    scanner: config.clamd ? clamd(config.clamd) : null,
    now: config.clock.now,
    log,
    stopping: stopping.signal,
    siteUrl: config.siteUrl,
    get municipality() {
      return content.current().municipality;
    },
  });
  const checkpoint = async (): Promise<void> => {
    const size = await keepCheckpoint(db, config.signer, originOf(config.siteUrl), config.clock.now());
    if (size) log('info', 'checkpoint of the audit log', { size });
  };
  const issue = async (): Promise<void> => {
    const count = await issueMissing(db, { ...content.current(), signer: config.signer });
    if (count > 0) log('info', 'receipts issued for earlier filings', { count });
  };
  const follow = async (): Promise<void> => {
    const count = await followChanges(db, content.current().types, today(config.clock));
    if (count > 0) log('info', 'follow-up laid out anew', { count });
  };
  const alerts = alertJobs(db, () => alertContext(config, content), mail, config.clock.now, log);
  const erasing = {
    db,
    files,
    clock: config.clock,
    get retention() {
      return content.current().retention;
    },
  };
  const uploads = uploadsSweep(db, files.incoming, config.clock, log);
  const catalogue = () => catalogueOf(content.current());
  const tenders = tenderWork(db, config.clock, catalogue, log);
  const readLines = ({ id }: JobPayloads['return-read']): Promise<void> =>
    readReturn({ db, pool, files, types: content.current().types, clock: config.clock, stopping: stopping.signal, log }, id);
  const { 'file-check': checkFile, 'return-read': readFile, ...others } = { ...alerts.handlers, ...checks.handlers, 'return-read': readLines } satisfies JobHandlers;
  await open();
  await rebuild();
  // A log that was changed is shouted about each hour; it does not keep the other jobs from being done.
  await checkpoint().catch((error: unknown) => log('error', 'no checkpoint of the audit log', { error }));
  // Files are checked one at a time by a worker of their own: mails never wait for a scanner that hangs.
  const checker = await startWorker(database.jobsUrl, { 'file-check': checkFile }, [], log, 1);
  // So are returns, of which one may have a million lines.
  const reader = await startWorker(database.jobsUrl, { 'return-read': readFile }, [], log, 1);
  const worker = await startWorker(
    database.jobsUrl,
    others,
    [
      { name: 'obligations-open', pattern: everyQuarterHour, run: open },
      { name: 'followup-layout', pattern: everyQuarterHour, run: follow },
      { name: 'certificates-chase', pattern: everyQuarterHour, run: chase },
      { name: 'drafts-warn', pattern: everyHour, run: warn },
      { name: 'search-rebuild', pattern: everyQuarterHour, run: rebuild },
      { name: 'audit-checkpoint', pattern: everyHour, run: checkpoint },
      { name: 'receipts-issue', pattern: everyQuarterHour, run: issue },
      uploads,
      ...alerts.clockWork,
      ...tenders,
      ...checks.clockWork,
      storeWork(db, files, config.clock, log),
      retentionWork(erasing, log),
      sweepLines(db, log),
      recountNightly(db, log),
      registerFollows(db, catalogue, log),
    ],
    log,
  );
  content.watch(() => void rebuild().catch((error: unknown) => log('error', 'search not rebuilt', { error })));
  return {
    async stop() {
      content.close();
      stopping.abort(new Error('the worker stops'));
      await Promise.all([worker.stop(), checker.stop(), reader.stop()]);
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
