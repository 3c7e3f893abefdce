import fs from 'node:fs/promises';
import { endOf, startConfined } from '../../platform/confined.ts';
import { defaultLimits, UnreadableSheet } from '../../spreadsheet/sheet.ts';
import { type CheckContext, limits, type ReturnFile } from '../check.ts';
import { NoHeader, type Report } from '../check-rows.ts';
import type { CheckAnswer, CheckOrder } from './checker.ts';

/** Lines that were checked: how many, errors up to them, and while there are none, their text for COPY: `line` and `cells`. */
export interface CheckedLines {
  readonly lines: number;
  readonly errors: number;
  readonly text: Buffer;
}

const checker = 'src/returns/kept/checker.ts';
/** All that the process may open besides the file. */
const code = [
  'src/returns',
  'src/spreadsheet',
  'src/platform/reading',
  'src/platform/postgres/copy-text.ts',
  'src/platform/clock.ts',
  'src/agreements/codes/lists.ts',
  'src/agreements/cvr.ts',
  'node_modules/saxes',
  'node_modules/xmlchars',
  'package.json',
];

/** Megabytes of the process's heap. A workbook's shared texts lie in it; a CSV needs little. */
const heapMb = { csv: 64, xlsx: defaultLimits.memoryMb } as const;
/** A batch of lines lives until the next. */
const youngMb = 16;
/** Seconds of processor time: ten times what a million lines take. */
const cpuSeconds = 600;

/**
 * The lines of a return as they are checked, from a process of its own; then what it holds. It checks only as fast as the lines are used.
 * Ending the iteration ends the process. Throws UnreadableSheet, NoHeader, or the signal's reason.
 */
export async function* checkedLines({ path, kind }: ReturnFile, { table, asked, facts, today, signal }: CheckContext, mostFindings: number): AsyncGenerator<CheckedLines, Report> {
  signal?.throwIfAborted();
  const file = await fs.realpath(path);
  const order: CheckOrder = {
    file,
    kind,
    limits: { ...defaultLimits, ...limits },
    against: { table, asked, today },
    agreement: facts.agreement,
    cpvCodes: facts.cpvCodes && [...facts.cpvCodes],
    mostFindings,
  };
  const child = startConfined({ script: checker, order: '', readable: [...code, file], heapMb: heapMb[kind], youngMb, cpuSeconds });
  const ended = endOf(child);
  const stop = (): boolean => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  // Where it is gone already, its end says why.
  child.stdin?.on('error', () => undefined).write(`${JSON.stringify(order)}\n`);
  try {
    for await (const { answer, body } of answersIn(child.stdout)) {
      if ('report' in answer) return answer.report;
      if ('noHeader' in answer) throw new NoHeader(answer.noHeader);
      if ('fault' in answer) throw new UnreadableSheet(answer.fault, answer.line);
      yield { lines: answer.lines, errors: answer.errors, text: body };
    }
    const { killedBy, said } = await ended;
    signal?.throwIfAborted();
    const cause = new Error(said);
    if (killedBy === 'SIGXCPU') throw new UnreadableSheet('took-too-long', null, { cause });
    // V8 aborts when its heap is full; the system kills when the machine's memory is.
    throw new UnreadableSheet(killedBy === 'SIGABRT' || killedBy === 'SIGKILL' ? 'too-large' : 'broken', null, { cause });
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    child.stdout.destroy();
    await ended;
  }
}

/** What the process says, each line with the bytes that follow it. What breaks off in the middle is not said. */
async function* answersIn(output: AsyncIterable<Buffer>): AsyncGenerator<{ answer: CheckAnswer; body: Buffer }> {
  let answer: CheckAnswer | undefined;
  let parts: Buffer[] = [];
  let have = 0;
  let wanted = 0;
  for await (const chunk of output) {
    parts.push(chunk);
    have += chunk.length;
    for (;;) {
      if (!answer) {
        const whole = Buffer.concat(parts);
        const end = whole.indexOf(0x0a);
        parts = [end < 0 ? whole : whole.subarray(end + 1)];
        if (end < 0) break;
        answer = JSON.parse(whole.toString('utf8', 0, end)) as CheckAnswer;
        wanted = 'bytes' in answer ? answer.bytes : 0;
        have = whole.length - end - 1;
      }
      if (have < wanted) break;
      // Several are put together once, when all of them are there.
      const whole = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      yield { answer, body: whole.subarray(0, wanted) };
      parts = [whole.subarray(wanted)];
      have -= wanted;
      answer = undefined;
    }
  }
}
