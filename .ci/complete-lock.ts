import fs from 'node:fs';

/**
 * npm leaves out of package-lock.json the platform packages that its registry does not offer at the moment, and then
 * refuses `npm ci` for lack of them. This adds an entry for each, so that the lock is whole on every machine.
 * Run after a change of dependencies: npm install && node .ci/complete-lock.ts
 */
interface Entry {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const systems: Record<string, string> = {
  darwin: 'darwin',
  android: 'android',
  linux: 'linux',
  linuxmusl: 'linux',
  win32: 'win32',
  win: 'win32',
  windows: 'win32',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
};
const processors: Record<string, string> = {
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  x86: 'ia32',
  arm: 'arm',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  wasm32: 'wasm32',
};

const file = 'package-lock.json';
const lock = JSON.parse(fs.readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
let added = 0;
for (const [at, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isPresent(at, name)) continue;
    const words = name.split('/').at(-1)?.split('-') ?? [];
    const found = (table: Record<string, string>): string[] => words.flatMap((word) => table[word] ?? []);
    const os = found(systems);
    const cpu = found(processors);
    const musl = words.some((word) => word.endsWith('musl'));
    const gnu = words.includes('gnu');
    lock.packages[`node_modules/${name}`] = {
      version: range.replace(/^[\^~]/, ''),
      optional: true,
      ...(cpu.length > 0 && { cpu }),
      ...((musl || gnu) && { libc: [musl ? 'musl' : 'glibc'] }),
      ...(os.length > 0 && { os }),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added`);

/** Looks where Node would: in the package's own node_modules, then outwards. */
function isPresent(at: string, name: string): boolean {
  const parts = at === '' ? [] : at.replace(/^node_modules\//, '').split('/node_modules/');
  for (let depth = parts.length; depth >= 0; depth -= 1) {
    const base = depth > 0 ? `node_modules/${parts.slice(0, depth).join('/node_modules/')}/` : '';
    if (lock.packages[`${base}node_modules/${name}`]) return true;
  }
  return false;
}
