import { parseArgs } from 'node:util';
import { seed } from '../db/seed/seed.ts';
import { createApp } from './app.ts';
import { auditCompareCommand } from './commands/audit-compare.ts';
import { auditVerifyCommand } from './commands/audit-verify.ts';
import { exportOcdsCommand } from './commands/export.ts';
import { figuresCommand } from './commands/figures.ts';
import { filesCheckCommand, filesCollectCommand } from './commands/files.ts';
import { importAgreementsCommand, importCpvCommand } from './commands/import.ts';
import { importNoticesCommand } from './commands/import-notices.ts';
import { mailBounceCommand } from './commands/mail.ts';
import { keysIn, receiptVerifyCommand } from './commands/receipt.ts';
import { contentStore } from './content/store.ts';
import { receiptKeys } from './documents/receipts/keys.ts';
import { type Config, readConfig, SettingError } from './platform/config.ts';
import { connect, type Db } from './platform/db.ts';
import { createLog } from './platform/log.ts';
import { type Database, migrateAll, openDatabase } from './platform/postgres/database.ts';
import { searchIndexRoot } from './search/pagefind.ts';
import { rebuildSearch } from './search/rebuild.ts';
import { tellFollowers } from './tenders/tell.ts';

/** Operator commands: npm run portal -- <command>. Exit code 0: done, 1: done with a finding, 2: could not be done. */
interface Arguments {
  readonly rest: readonly string[];
  readonly map?: string | undefined;
  readonly dryRun: boolean;
  readonly acceptCvr: boolean;
  readonly bringBack: boolean;
  readonly note: string;
  readonly anyBuyer: boolean;
  readonly soft: boolean;
  readonly all: boolean;
  readonly keys?: string | undefined;
  readonly checkpoint?: string | undefined;
}

interface Command {
  readonly words: string;
  readonly help: string;
  /** Words after the command, such as a file. */
  readonly takes?: string;
  readonly run?: (config: Config, database: Database, args: Arguments) => Promise<number>;
  /** The same for somebody who has no database, where the arguments say all that is needed; null where they do not. */
  readonly alone?: (args: Arguments) => Promise<number> | null;
}

const log = createLog('warn', (line) => process.stderr.write(line));

const commands: readonly Command[] = [
  {
    words: 'migrate',
    help: 'Brings the tables up to date. Does nothing when they are.',
    async run(_config, database) {
      await migrateAll(database, log, (name) => console.log(`applied ${name}`));
      console.log('The tables are up to date.');
      return 0;
    },
  },
  {
    words: 'seed',
    help: 'Fills an empty database with the demonstration data (DEMO=true).',
    async run(config, database) {
      if (!config.demo || !config.demoPassword) throw new SettingError('seed is for the demonstration: set DEMO=true');
      await migrateAll(database, log);
      const owner = connect(database.ownerUrl, log, 2);
      const app = createApp(config, database, log);
      const made = await seed(
        { ...app.followup, owner: owner.db, web: app.db, files: app.files, content: app.content, clock: config.clock, password: config.demoPassword },
        (done, of) => console.log(`${done} of ${of} obligations`),
      );
      await app.close();
      await owner.close();
      console.log(made ? 'The demonstration data is in place.' : 'The demonstration data was there already.');
      return 0;
    },
  },
  {
    words: 'search rebuild',
    help: 'Writes the search anew from the content and the database.',
    async run(config, database) {
      const worker = connect(database.workerUrl, log, 1);
      const pages = await rebuildSearch(worker.db, contentStore(config.contentDir, log).current(), searchIndexRoot(config));
      await worker.close();
      console.log(`${pages} pages can be found.`);
      return 0;
    },
  },
  {
    words: 'import agreements',
    takes: '<csv|xlsx> [--dry-run] [--map FILE] [--accept-cvr] [--bring-back] [--note TEXT]',
    help: 'Brings a list of agreements in. Faults are named by line and column and left out; --map names a YAML file of field: header; --note is the reason that stands in the history; --accept-cvr takes CVR numbers whose check digit does not fit, and needs a note; --bring-back puts agreements back on the site that were withdrawn.',
    run: (config, database, { rest, map, dryRun, acceptCvr, bringBack, note }) =>
      withOwner(database, (db) => importAgreementsCommand(db, config, log, fileOf(rest), { map, dryRun, acceptCvr, bringBack, note })),
  },
  {
    words: 'import notices',
    takes: '<xml or folder…> [--any-buyer]',
    help: 'Brings eForms notices in and publishes the tenders that they tell of. Those of other buyers are refused, unless --any-buyer takes them.',
    run: (config, database, { rest, anyBuyer }) => withOwner(database, (db) => importNoticesCommand(db, config, log, rest, { anyBuyer, tell: tellFollowers })),
  },
  {
    words: 'import cpv',
    takes: '<csv>',
    help: 'Brings in the CPV codes; columns code, check_digit, label_da, label_en. From then on codes that do not exist are named.',
    run: (_config, database, { rest }) => withOwner(database, (db) => importCpvCommand(db, fileOf(rest))),
  },
  {
    words: 'export ocds',
    takes: '<dir>',
    help: 'Writes everything that was published about agreements as OCDS 1.1.5 release packages, one file per year.',
    run: (config, database, { rest }) => withOwner(database, (db) => exportOcdsCommand(db, config, log, fileOf(rest))),
  },
  {
    words: 'mail bounce',
    takes: '<address|Message-ID> [--soft]',
    help: 'Tells that a mail to a subscriber came back: mails to a mailbox that does not exist stop at once; with --soft (full, filtered) when three in a row came back.',
    run: (config, database, { rest, soft }) => mailBounceCommand(config, database, log, fileOf(rest, 'address or Message-ID'), soft),
  },
  {
    words: 'files check',
    takes: '[--all]',
    help: 'Proves that rows and stored files match one to one, and reads a share of the files; --all reads every one. Exit code 1 when a file is missing or damaged.',
    run: (config, database, { all }) => withWorker(database, (db) => filesCheckCommand(db, config, log, all)),
  },
  {
    words: 'files collect',
    takes: '[--dry-run]',
    help: 'Removes files that no row has referred to for seven days, as the worker does each night; --dry-run only lists them.',
    run: (config, database, { dryRun }) => withWorker(database, (db) => filesCollectCommand(db, config, dryRun)),
  },
  {
    words: 'figures keep',
    help: 'Keeps the figures of all accepted follow-up anew, as content/indicators.yaml and the obligation types say today, and computes their sums. Run it after changing those.',
    run: (config, database) => withOwner(database, (db) => figuresCommand(db, contentStore(config.contentDir, log).current())),
  },
  {
    words: 'audit verify',
    takes: '[--checkpoint FILE]',
    help: 'Checks that no entry of the audit log was changed, removed or inserted afterwards, against every checkpoint and receipt that was ever signed. --checkpoint names one that was kept elsewhere, or a receipt.',
    run: (_config, database, { checkpoint }) => withOwner(database, (db) => auditVerifyCommand(db, checkpoint)),
  },
  {
    words: 'audit compare',
    takes: '<checkpoint or receipt> <site address> --keys FILE',
    help: 'Checks from outside, without a database, that the log behind a site still begins with the one that a kept checkpoint or receipt was signed for.',
    alone: ({ rest: [file, site], keys }) => (file && site && keys ? auditCompareCommand(file, site, keys) : null),
  },
  {
    words: 'receipt verify',
    takes: '<json|pdf> [files…] [--keys FILE]',
    help: 'Checks that a receipt is genuine and unchanged, and that the files are on it. With --keys (receipt-keys.json of a site) no database is needed.',
    run: (_config, database, { rest }) => withOwner(database, async (db) => receiptVerifyCommand(rest, await receiptKeys(db))),
    alone: ({ rest, keys }) => (keys ? receiptVerifyCommand(rest, keysIn(keys)) : null),
  },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: {
    help: { type: 'boolean', short: 'h' },
    map: { type: 'string' },
    'dry-run': { type: 'boolean' },
    'accept-cvr': { type: 'boolean' },
    'bring-back': { type: 'boolean' },
    note: { type: 'string' },
    'any-buyer': { type: 'boolean' },
    soft: { type: 'boolean' },
    all: { type: 'boolean' },
    keys: { type: 'string' },
    checkpoint: { type: 'string' },
  },
});
const command = commands.find((each) => (each.takes ? positionals.slice(0, 2).join(' ') === each.words : positionals.join(' ') === each.words));

if (!command || values['help']) {
  const listed = command ? [command] : commands;
  console.log(`npm run portal -- <command>\n\n${listed.map((each) => `  ${each.words}${each.takes ? ` ${each.takes}` : ''}\n      ${each.help}`).join('\n')}\n`);
  if (positionals.length > 0 && !command) console.error(`There is no command "${positionals.join(' ')}".`);
  process.exitCode = command || positionals.length === 0 ? 0 : 2;
} else {
  process.exitCode = await execute(command);
}

function withOwner(database: Database, work: (db: Db) => Promise<number>): Promise<number> {
  return withConnection(database.ownerUrl, work);
}

function withWorker(database: Database, work: (db: Db) => Promise<number>): Promise<number> {
  return withConnection(database.workerUrl, work);
}

async function withConnection(url: string, work: (db: Db) => Promise<number>): Promise<number> {
  const connection = connect(url, log, 2);
  try {
    return await work(connection.db);
  } finally {
    await connection.close();
  }
}

function fileOf(rest: readonly string[], what = 'file'): string {
  const [file] = rest;
  if (!file || rest.length > 1) throw new SettingError(`name one ${what}`);
  return file;
}

async function execute(chosen: Command): Promise<number> {
  const named = (name: 'map' | 'keys' | 'checkpoint'): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const args: Arguments = {
    rest: positionals.slice(2),
    map: named('map'),
    dryRun: values['dry-run'] === true,
    acceptCvr: values['accept-cvr'] === true,
    bringBack: values['bring-back'] === true,
    note: typeof values['note'] === 'string' ? values['note'].trim().slice(0, 200) : '',
    anyBuyer: values['any-buyer'] === true,
    soft: values['soft'] === true,
    all: values['all'] === true,
    keys: named('keys'),
    checkpoint: named('checkpoint'),
  };
  try {
    const alone = chosen.alone?.(args);
    if (alone) return await alone;
    if (!chosen.run) throw new SettingError(`${chosen.words} needs ${chosen.takes}`);
    const config = readConfig();
    const database = await openDatabase(config);
    try {
      return await chosen.run(config, database, args);
    } finally {
      await database.stop();
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
}
