import fs from 'node:fs';
import type { Log } from '../platform/log.ts';
import type { Content } from './content.ts';
import { ContentFaults, sentenceOf } from './files.ts';
import { loadContent } from './load.ts';

/** The content as it stands on disk. An edit shows within a second; one with faults is logged, and what was there stays. */
export interface ContentStore {
  current(): Content;
  /** Looks for edits from now on and tells after each that could be taken over. */
  watch(changed: () => void): void;
  close(): void;
}

/** Editors and git write many files at once: they are read when it has been quiet this long. */
const quietMs = 150;

/** Reads the folder. Throws ContentFaults, one sentence per fault, when it cannot be used. */
export function contentStore(folder: string, log: Log): ContentStore {
  const first = loadContent(folder);
  if (!first.content) throw new ContentFaults(first.faults);
  let current = first.content;
  let watcher: fs.FSWatcher | undefined;
  let waiting: NodeJS.Timeout | undefined;

  const reload = (changed: () => void): void => {
    let loaded: ReturnType<typeof loadContent>;
    try {
      loaded = loadContent(folder);
    } catch (error) {
      log('error', 'content could not be read; the earlier content stays', { error });
      return;
    }
    const { content, faults } = loaded;
    if (content) {
      current = content;
      log('info', 'content changed');
      changed();
    } else log('error', 'content has faults and is not shown; the earlier content stays', { faults: faults.map(sentenceOf) });
  };
  return {
    current: () => current,
    watch(changed) {
      watcher = fs.watch(folder, { recursive: true, persistent: false }, () => {
        clearTimeout(waiting);
        waiting = setTimeout(reload, quietMs, changed).unref();
      });
      watcher.on('error', (error) => log('warn', 'edits of the content are seen after a restart only', { error }));
    },
    close() {
      clearTimeout(waiting);
      watcher?.close();
    },
  };
}
