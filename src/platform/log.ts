/** One JSON object per line on standard output; control characters are escaped by JSON, so no entry can forge another. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

export type Log = (level: Level, event: string, facts?: Record<string, unknown>) => void;

const rank: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export function createLog(least: Level, write: (line: string, level: Level) => void = gathered()): Log {
  return (level, event, facts = {}) => {
    if (rank[level] < rank[least]) return;
    write(
      `${JSON.stringify({ at: new Date().toISOString(), level, event, ...facts }, Object.values(facts).some((fact) => fact instanceof Error) ? describeErrors : undefined)}\n`,
      level,
    );
  };
}

/**
 * Writing to a pipe waits for the kernel, which costs more than answering from memory: lines are gathered for a
 * fiftieth of a second. Warnings and errors go out at once, and everything does when the process ends by itself.
 */
function gathered(): (line: string, level: Level) => void {
  let lines = '';
  let waiting: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    const text = lines;
    lines = '';
    if (text) process.stdout.write(text);
  };
  process.once('exit', flush);
  return (line, level) => {
    lines += line;
    if (rank[level] > rank.info || lines.length > 16_384) flush();
    else waiting ??= setTimeout(flush, 20);
  };
}

function describeErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, ...(value.cause === undefined ? {} : { cause: value.cause }) };
}
