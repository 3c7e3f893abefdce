import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { connect } from '../../src/platform/db.ts';
import { uploads as address, metadata, pdfTask } from '../support/tus.ts';
import { Visitor } from '../support/visitor.ts';
import { type Demonstration, startDemonstration, startSite } from './demonstration.ts';
import { has, machine, median, pageTimes, table, timed } from './measure.ts';

/**
 * P5: a large file and many small ones over tus, received, hashed, synced, in the store and in the database, beside nginx
 * that only writes them (PUT) with fsync and SHA-256 afterwards. Then what it costs others: memory, and the time of a
 * public page meanwhile. The client is curl both times, interleaved.
 */
const rounds = 5;
const pageRounds = 3;
const large = 512 * 2 ** 20;
const small = { count: 300, bytes: 2 ** 20, parallel: 8 } as const;
const many = { count: 50, bytes: 20_000_000 } as const;

export async function uploads(): Promise<void> {
  if (!has('curl') || !has('openssl') || !has('taskset')) return;
  const site = await startDemonstration(4389, { MAX_FILE_MB: '2000' }, '0-1');
  const nginx = has('nginx') ? await startNginx(site.folder) : undefined;
  try {
    const send = await sender(site);
    await withFiles(site.folder, 1, 10_000, (files) => send.tus(files, 1));
    console.log(`\nuploads: ${machine()}`);
    const second = await startSite(4390, { DATABASE_URL: site.ownerUrl, DATA_DIR: site.folder, MAX_FILE_MB: '2000' }, '0-1', 10);
    await whatOthersNotice(site, send, (await sender({ ...site, ...second })).tus, nginx?.put).finally(second.stop);
    const rows = [];
    rows.push(await besideNginx('one file of 512 MiB, MiB/s', site.folder, { count: 1, bytes: large, parallel: 1, unit: large / 2 ** 20 }, send.tus, nginx?.put));
    rows.push(await besideNginx('300 files of 1 MiB, 8 at once, files/s', site.folder, { ...small, unit: small.count }, send.tus, nginx?.put));
    table(['upload', 'ours', 'nginx PUT + fsync + sha256', 'ours / theirs'], rows);
  } finally {
    nginx?.stop();
    await site.stop();
  }
}

/**
 * Memory of the server, and a public page, while others send much; and while they send it elsewhere on the same machine:
 * to a second process of ours, as an operator may run one for uploads, and to nginx. In turn, medians.
 */
async function whatOthersNotice(site: Demonstration, send: { readonly tus: Send; readonly form: Send }, second: Send, theirs: Send | undefined): Promise<void> {
  const page = `${site.base}/aftaler/2024-031`;
  const quiet = await pageTimes(page, () => new Promise((resolve) => setTimeout(resolve, 3_000)));
  const { now: idle } = memoryOf(site.server.pid);
  const measures = [
    ['one file of 2,000 MB', 1, 2_000_000_000, send.tus],
    ['the same to nginx', 1, 2_000_000_000, theirs],
    ['one file of 512 MiB in a plain form', 1, large, send.form],
    [`${many.count} files of 20 MB at once`, many.count, many.bytes, send.tus],
    ['the same to a second process of ours (nice 10)', many.count, many.bytes, second],
    ['the same to nginx', many.count, many.bytes, theirs],
  ] as const;
  const found = measures.map((): { times: Awaited<ReturnType<typeof pageTimes>>; peak: number }[] => []);
  for (let round = 0; round < pageRounds; round += 1)
    for (const [place, [, count, bytes, to]] of measures.entries())
      if (to)
        await withFiles(site.folder, count, bytes, async (files) => {
          fs.writeFileSync(`/proc/${site.server.pid}/clear_refs`, '5');
          const times = await pageTimes(page, () => to(files, count));
          found[place]?.push({ times, peak: memoryOf(site.server.pid).peak });
        });
  const rows = measures.flatMap(([what], place) => {
    const rounds = found[place] ?? [];
    const peak = Math.max(...rounds.map((round) => round.peak));
    return rounds.length > 0 ? [[what, ...[0, 1, 2].map((at) => median(rounds.map(({ times }) => Number(times[at])))), peak, peak - idle]] : [];
  });
  table(['meanwhile', 'seconds', 'public page p50, ms', 'p95, ms', 'memory at most, MB', 'over idle, MB'], [['nothing', ...quiet, idle, 0], ...rows]);
}

type Send = (files: readonly string[], parallel: number) => Promise<void>;

/** The same files to us and to nginx, in turn, as units a second. */
async function besideNginx(
  name: string,
  folder: string,
  { count, bytes, parallel, unit }: { count: number; bytes: number; parallel: number; unit: number },
  ours: Send,
  theirs: Send | undefined,
): Promise<(string | number)[]> {
  const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round += 1)
    await withFiles(folder, count, bytes, async (files) => {
      rates.ours.push(unit / (await timed(() => ours(files, parallel))));
      if (theirs) rates.theirs.push(unit / (await timed(() => theirs(files, parallel))));
    });
  const spread = (values: readonly number[]): string =>
    values.length === 0 ? '–' : `${Math.round(median(values))} [${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))}]`;
  return [name, spread(rates.ours), spread(rates.theirs), theirs ? (median(rates.ours) / median(rates.theirs)).toFixed(2) : 'no nginx'];
}

/** New files that begin as PDF does and are random after that, so that no two are the same. */
async function withFiles(folder: string, count: number, bytes: number, work: (files: readonly string[]) => Promise<void>): Promise<void> {
  const own = fs.mkdtempSync(path.join(folder, 'files-'));
  const piece = randomBytes(Math.min(bytes, 10_000_000));
  const files = Array.from({ length: count }, (_, number) => {
    const place = path.join(own, `${path.basename(own)}-${number}.pdf`);
    const out = fs.openSync(place, 'w');
    for (let at = 0; at < bytes; at += piece.length) {
      piece.write(`%PDF-1.7 ${randomBytes(16).toString('hex')}\n`);
      fs.writeSync(out, piece, 0, Math.min(piece.length, bytes - at));
    }
    fs.closeSync(out);
    return place;
  });
  await work(files);
  fs.rmSync(own, { recursive: true });
}

/** Sends files by curl in one request each: over tus (creation with upload), or as the plain form of a task does without script. Throws unless every one is taken. */
async function sender(site: Demonstration): Promise<{ readonly tus: Send; readonly form: Send }> {
  const supplier = new Visitor(site.base);
  await supplier.logIn('leverandoer@demo.example', 'bench-password');
  const owner = connect(site.ownerUrl, () => undefined, 1);
  const task = await pdfTask({ owner });
  await owner.close();
  const shared = [`Cookie: session=${supplier.cookies.get('session')}`, `Origin: ${site.base}`, 'Tus-Resumable: 1.0.0', 'Content-Type: application/offset+octet-stream', 'Expect:'];
  return {
    tus: (files, parallel) =>
      curl(
        site.folder,
        parallel,
        files.map((file) => ({
          url: site.base + address,
          file,
          method: 'POST',
          headers: [...shared, `Upload-Length: ${fs.statSync(file).size}`, `Upload-Metadata: ${metadata({ filename: path.basename(file), obligation: task.id })}`],
        })),
      ),
    async form(files) {
      const page = `/leverandoer/opgaver/${task.id}`;
      for (const file of files) {
        const version = /name="version" value="(\d+)"/.exec(await supplier.text(page))?.[1] ?? '0';
        const fields = ['intent=save', 'round=0', `version=${version}`, `files=@${file};type=application/pdf`].flatMap((field) => ['-F', field]);
        const headers = shared.slice(0, 2).flatMap((header) => ['-H', header]);
        const child = spawn('curl', ['--silent', '-o', '/dev/null', '-w', '%{http_code}', ...headers, '-H', 'Expect:', ...fields, site.base + page], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let status = '';
        child.stdout.on('data', (chunk: Buffer) => (status += chunk));
        await new Promise((resolve) => child.once('close', resolve));
        if (status !== '303') throw new Error(`the form was answered with ${status}`);
      }
    },
  };
}

async function curl(folder: string, parallel: number, requests: readonly { url: string; file: string; method: string; headers: readonly string[] }[]): Promise<void> {
  const config = path.join(folder, 'curl.conf');
  const quoted = (text: string): string => JSON.stringify(text);
  const sections = requests.map(({ url, file, method, headers }) =>
    [
      `url = ${quoted(url)}`,
      `upload-file = ${quoted(file)}`,
      `request = ${method}`,
      'silent',
      'output = /dev/null',
      'write-out = "%{http_code}\\n"',
      ...headers.map((header) => `header = ${quoted(header)}`),
    ].join('\n'),
  );
  fs.writeFileSync(config, sections.join('\nnext\n'));
  const child = spawn('curl', ['--no-progress-meter', '--parallel', '--parallel-max', String(parallel), '-K', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk));
  await new Promise((resolve) => child.once('close', resolve));
  const statuses = output.trim().split('\n');
  const good = statuses.filter((status) => status === '201' || status === '204').length;
  if (good !== requests.length) throw new Error(`${good} of ${requests.length} were taken: ${[...new Set(statuses)].join(', ')}`);
}

/** nginx that writes what is put, and what makes it last and known: fsync of each file, SHA-256 by openssl. */
async function startNginx(folder: string) {
  const root = path.join(folder, 'dav');
  fs.mkdirSync(path.join(root, 'www'), { recursive: true });
  fs.chmodSync(folder, 0o755);
  fs.writeFileSync(
    path.join(root, 'nginx.conf'),
    `user root; worker_processes 1; daemon off; pid ${root}/pid; error_log ${root}/error.log;
events { worker_connections 1024; }
http { access_log off; client_max_body_size 0; client_body_temp_path ${root}/b; proxy_temp_path ${root}/p; fastcgi_temp_path ${root}/f; uwsgi_temp_path ${root}/u; scgi_temp_path ${root}/s;
server { listen 127.0.0.1:4398; root ${root}/www; location / { dav_methods PUT; } } }`,
  );
  const nginx = spawn('nginx', ['-c', path.join(root, 'nginx.conf')], { stdio: 'inherit' });
  for (let tries = 0; tries < 50 && !(await fetch('http://127.0.0.1:4398/').catch(() => null)); tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    async put(files: readonly string[], parallel: number): Promise<void> {
      const names = files.map((file) => path.basename(file));
      await curl(
        folder,
        parallel,
        files.map((file, at) => ({ url: `http://127.0.0.1:4398/${names[at]}`, file, method: 'PUT', headers: ['Expect:'] })),
      );
      const kept = names.map((name) => path.join(root, 'www', name));
      for (const place of kept) {
        const file = fs.openSync(place, 'r+');
        fs.fsyncSync(file);
        fs.closeSync(file);
      }
      execFileSync('openssl', ['dgst', '-sha256', ...kept]);
      for (const place of kept) fs.rmSync(place);
    },
    stop: () => void nginx.kill('SIGTERM'),
  };
}

function memoryOf(pid: number): { now: number; peak: number } {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): number => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { now: read('VmRSS'), peak: read('VmHWM') };
}
