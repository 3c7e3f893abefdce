import type { ClockWork } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import { type Erasing, eraseDue } from './erase.ts';

/** Erases what is due, each hour: a worker that was down at midnight is late by an hour, not by a day. */
export function retentionWork(erasing: Erasing, log: Log): ClockWork {
  return {
    name: 'documents-erase',
    pattern: '7 * * * *',
    async run() {
      const { erased, readings, bytesRemoved } = await eraseDue(erasing);
      if (erased + readings + bytesRemoved > 0) log('info', 'erased by the rules of retention', { erased, readings, bytesRemoved });
    },
  };
}
