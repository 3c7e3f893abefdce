import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';

/** A process of our own that reads what a stranger made, and what it may use for it. */
export interface Confinement {
  /** The file that it runs. */
  readonly script: string;
  /** Its one argument. */
  readonly order: string;
  /** Files and folders that it may read, below the folder of the program or absolute. Nothing else opens, and nothing is written. */
  readonly readable: readonly string[];
  /** Megabytes of its JavaScript heap; V8 ends the process (SIGABRT) when they are full. */
  readonly heapMb: number;
  /** Megabytes of the heap's young part, 4 unless told: more of them copy less of what lives for some milliseconds. */
  readonly youngMb?: number;
  /** Megabytes of each WebAssembly memory; a parser that asks for more is refused them. */
  readonly wasmMb?: number;
  /** Seconds of processor time after which the system ends it (SIGXCPU), also when we are gone. */
  readonly cpuSeconds: number;
}

/** Pages go first: what a stranger made is read with what they leave over of the processors. */
const niceness = 10;

export type ConfinedProcess = ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };

export interface Ending {
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** The beginning of what the process wrote to standard error. */
  readonly said: string;
}

/**
 * Starts the process: no environment, no file but those named, no add-ons, no processes or threads of its own, no code
 * from texts, no core dump. Where the system lets us (Linux with user namespaces), it has no network either; elsewhere only
 * its being our own code keeps it from one. The caller ends it when it takes too long.
 */
export function startConfined({ script, order, readable, heapMb, youngMb = 4, wasmMb, cpuSeconds }: Confinement): ConfinedProcess {
  const node = [
    process.execPath,
    `--max-old-space-size=${heapMb}`,
    `--max-semi-space-size=${youngMb}`,
    ...(wasmMb === undefined ? [] : [`--wasm-max-mem-pages=${wasmMb * 16}`]),
    '--permission',
    ...readable.map((name) => `--allow-fs-read=${path.resolve(name)}`),
    '--disallow-code-generation-from-strings',
    '--no-warnings',
    path.resolve(script),
    order,
  ];
  const seconds = Math.ceil(cpuSeconds);
  // At the hard limit the system would kill instead of telling why.
  const limits = `ulimit -c 0; ulimit -S -t ${seconds}; ulimit -H -t ${seconds + 5}; exec nice -n ${niceness} "$@"`;
  const [command = '', ...args] = [...withoutNetwork(), '/bin/sh', '-c', limits, 'sh', ...node];
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: {}, cwd: '/' });
}

/** How the process ended. Rejects when it could not be started. */
export function endOf(child: ConfinedProcess): Promise<Ending> {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 4_000) said += text;
  });
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, killedBy) => resolve({ exitCode, killedBy, said }));
  });
  // Whoever waits for the end gets the error; nobody may be waiting yet.
  ended.catch(() => undefined);
  return ended;
}

let wrapper: readonly string[] | undefined;

/** The command that takes the network away, tried once; nothing where it does not work. */
function withoutNetwork(): readonly string[] {
  const command = ['/usr/bin/unshare', '--user', '--map-current-user', '--net', '--'];
  wrapper ??= spawnSync(command[0] ?? '', [...command.slice(1), '/bin/true']).status === 0 ? command : [];
  return wrapper;
}
