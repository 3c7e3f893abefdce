import { requireScanner, startJobs } from './app.ts';
import { readConfig } from './platform/config.ts';
import { createLog } from './platform/log.ts';
import { openDatabase } from './platform/postgres/database.ts';
import { stopOnSignal } from './server.ts';

/** The second process where WORKER=separate: jobs and the clock. */
const config = readConfig();
await requireScanner(config);
const log = createLog(config.logLevel);
const database = await openDatabase(config);
const worker = await startJobs(config, database, log);
stopOnSignal(log, async () => {
  await worker.stop();
  await database.stop();
});
log('info', 'working');
