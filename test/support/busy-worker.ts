import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker } from '../../src/platform/jobs.ts';
import { createLog } from '../../src/platform/log.ts';

/** A worker whose job takes as long as it is told; each run is a line in a file. */
const [jobsUrl = '', record = '', slow = '0'] = process.argv.slice(2);
await startWorker(
  jobsUrl,
  {
    'mail-send': async ({ mailId }) => {
      fs.appendFileSync(record, `${process.pid} began ${mailId}\n`);
      await sleep(Number(slow));
      fs.appendFileSync(record, `${process.pid} ended ${mailId}\n`);
    },
  },
  [],
  createLog('error'),
);
console.log('working');
