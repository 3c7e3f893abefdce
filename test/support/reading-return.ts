import fs from 'node:fs';
import { loadContent } from '../../src/content/load.ts';
import { standingClock } from '../../src/platform/clock.ts';
import { connect } from '../../src/platform/db.ts';
import { filesOnDisk } from '../../src/platform/files/disk.ts';
import { createLog } from '../../src/platform/log.ts';
import { readReturn } from '../../src/returns/kept/read.ts';
import { testNow } from './known.ts';

/** Reads one return as the worker does, in a process of its own: says when it begins, and when it is done how much memory it took at most, in MB. */
const [workerUrl = '', filesDir = '', id = ''] = process.argv.slice(2);
const log = createLog('error');
const { db, pool, close } = connect(workerUrl, log, 4);
const types = loadContent().content?.types;
if (!types) throw new Error('the content has faults');
const idle = process.memoryUsage().rss;
const peakOf = (pid: string): number => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
/** The most that a process took which this one started, in MB: the one that reads and checks. */
let checker = 0;
const watch = setInterval(() => {
  for (const pid of fs.readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean)) {
    try {
      checker = Math.max(checker, peakOf(pid));
    } catch {
      // It has ended since.
    }
  }
}, 50);
console.log('begin');
const startedAt = performance.now();
await readReturn({ db, pool, files: filesOnDisk(filesDir), types, clock: standingClock(testNow), stopping: new AbortController().signal, log }, id);
const seconds = (performance.now() - startedAt) / 1000;
clearInterval(watch);
const most = peakOf('self');
console.log(`done ${JSON.stringify({ seconds, megabytes: Math.round(most), checker: Math.round(checker), overIdle: Math.round(most - idle / 2 ** 20) })}`);
await close();
