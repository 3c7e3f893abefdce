import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

/** What every measurement shares: other programs beside ours, processor time, medians. */

/** Whether a program of the machine is there; benchmarks that need it say so instead of leaving it out in silence. */
export function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`left out: ${program} is not on this machine (apt-get install ${program === 'nginx' ? 'nginx-light' : program})`);
    return false;
  }
}

/** Processor time of a process and its children in microseconds, user and system (Linux). */
export function cpuMicros(pid: number): number {
  const ticks = (id: string): number => {
    try {
      const fields = fs
        .readFileSync(`/proc/${id}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return Number(fields[11]) + Number(fields[12]);
    } catch {
      return 0;
    }
  };
  const children = fs
    .readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id))
    .filter((id) => {
      try {
        return (
          Number(
            fs
              .readFileSync(`/proc/${id}/stat`, 'utf8')
              .replace(/^.*\) /, '')
              .split(' ')[1],
          ) === pid
        );
      } catch {
        return false;
      }
    });
  return (ticks(String(pid)) + children.reduce((sum, id) => sum + ticks(id), 0)) * 10_000;
}

/** Asks one address as fast as it answers for some seconds, on the second core. Resolves to processor microseconds of the server per request. */
export async function perRequest(url: string, pid: number, encoding: string, seconds = 3): Promise<{ cpu: number; rate: number }> {
  const before = cpuMicros(pid);
  const wrk = spawn('taskset', ['-c', String(os.cpus().length - 1), 'wrk', '-t1', '-c16', `-d${seconds}s`, '-H', `Accept-Encoding: ${encoding}`, url]);
  let output = '';
  wrk.stdout.on('data', (chunk: Buffer) => (output += chunk));
  await new Promise((resolve) => wrk.once('exit', resolve));
  const requests = Number(/(\d+) requests in/.exec(output)?.[1]);
  if (!requests || /Non-2xx/.test(output)) throw new Error(`no measurement of ${url}:\n${output}`);
  return { cpu: (cpuMicros(pid) - before) / requests, rate: requests / seconds };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function machine(): string {
  return `load ${os.loadavg()[0]?.toFixed(2)}, ${os.cpus().length} cores, Node ${process.version}`;
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  console.log(`\n| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

/** Seconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

/** Asks for a page every 20 ms while something goes on: its seconds, and the median and 95th percentile of the page in ms. */
export async function pageTimes(url: string, work: () => Promise<unknown>): Promise<[seconds: string, p50: string, p95: string]> {
  const times: number[] = [];
  let going = true;
  const asking = (async () => {
    while (going) {
      const startedAt = performance.now();
      await (await fetch(url)).arrayBuffer();
      times.push(performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const seconds = await timed(work).finally(() => {
    going = false;
  });
  await asking;
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(1);
  return [seconds.toFixed(1), at(0.5), at(0.95)];
}
