import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkFile } from '../../src/documents/checks/check.ts';
import type { Finding } from '../../src/documents/checks/finding.ts';
import type { FileKind } from '../../src/documents/kind.ts';
import { atEnd } from '../support/clean-up.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-checks-'));
atEnd(() => fs.rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A file with these bytes, removed when the tests of the file have ended. */
export function fileWith(content: string | Uint8Array): string {
  files += 1;
  const file = path.join(folder, String(files));
  fs.writeFileSync(file, content);
  return file;
}

export function check(kind: FileKind, content: string | Uint8Array): Promise<Finding> {
  return checkFile(fileWith(content), kind);
}

/** What the checks came to, in a word: clean, or the reason. */
export async function outcome(kind: FileKind, content: string | Uint8Array): Promise<string> {
  const { verdict, reason } = await check(kind, content);
  return reason ?? verdict;
}

/** Processes that this one has started and that read strangers' files. */
export function checkersAlive(): string[] {
  return fs.readdirSync('/proc').filter((pid) => {
    try {
      const parent = /\nPPid:\t(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return parent === String(process.pid) && fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('checks/child.ts');
    } catch {
      return false;
    }
  });
}

/** The most memory, in MB, that any such process held while `work` ran. */
export async function mostMemory<T>(work: () => Promise<T>): Promise<{ result: T; mostMb: number }> {
  let mostMb = 0;
  const look = (): void => {
    for (const pid of checkersAlive()) {
      try {
        mostMb = Math.max(mostMb, Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024);
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  const timer = setInterval(look, 15);
  try {
    return { result: await work(), mostMb };
  } finally {
    clearInterval(timer);
  }
}
