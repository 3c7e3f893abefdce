/** One JSON object per line on standard output; control characters are escaped by JSON, so no entry can forge another. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

export type Log = (level: Level, event: string, facts?: Record<string, unknown>) => void;

const rank: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export function createLog(least: Level, write: (line: string) => void = (line) => process.stdout.write(line)): Log {
  return (level, event, facts = {}) => {
    if (rank[level] < rank[least]) return;
    write(`${JSON.stringify({ at: new Date().toISOString(), level, event, ...facts }, describeErrors)}\n`);
  };
}

function describeErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, ...(value.cause === undefined ? {} : { cause: value.cause }) };
}
