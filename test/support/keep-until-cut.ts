import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { filesOnDisk } from '../../src/platform/files/disk.ts';

/**
 * Keeps random files on a disk until it is stopped, and prints the checksum and size of each as soon as the store has acknowledged it:
 * node test/support/keep-until-cut.ts <folder> [files|folders]; the second word is what is not synced, for the control.
 */
const [root = '', unsynced] = process.argv.slice(2);
const handle = await open(process.execPath);
const prototype = Object.getPrototypeOf(handle) as { datasync: () => Promise<void>; sync: () => Promise<void> };
await handle.close();
if (unsynced === 'files') prototype.datasync = async () => {};
if (unsynced === 'folders') prototype.sync = async () => {};

const store = filesOnDisk(root);

async function keepOn(): Promise<never> {
  for (;;) {
    const stored = await store.receive(Readable.from([randomBytes(1 + Math.floor(Math.random() * 60_000))]), 1e6);
    if (stored !== 'too-large') fs.writeSync(1, `${stored.sha256} ${stored.sizeBytes}\n`);
    // The next file's sync makes this one's name last too; on a busy machine the cut hardly ever came before it.
    if (unsynced === 'folders') await sleep(100);
  }
}
await Promise.all([keepOn(), keepOn(), keepOn()]);
