import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { startDemonstration } from './demonstration.ts';
import { has, machine, median, perRequest, table } from './measure.ts';

/**
 * P1, P2, P14: a published agreement page from our server, from nginx (gzip_static) and from the stock adapter of Astro
 * as a prerendered page: the same bytes, interleaved, in processor time of the server per request.
 */
const rounds = 5;

export async function serve(): Promise<void> {
  if (!has('wrk') || !has('taskset')) return;
  const demonstration = await startDemonstration();
  const { base, server, folder } = demonstration;
  const page = '/aftaler/2024-031';
  const body = await (await fetch(base + page)).text();
  const peers: { name: string; url: string; pid: number; encoding: string; stop: () => void }[] = [
    { name: 'ours, gzip', url: base + page, pid: server.pid, encoding: 'gzip', stop: () => undefined },
    { name: 'ours, brotli', url: base + page, pid: server.pid, encoding: 'br', stop: () => undefined },
    startBare(folder, body),
  ];
  if (has('nginx')) peers.push(startNginx(folder, body));
  peers.push(await startStock(folder, body));

  const times = new Map(peers.map(({ name }) => [name, { cpu: [] as number[], rate: [] as number[] }]));
  for (const { url, pid, encoding } of peers) await perRequest(url, pid, encoding, 1);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, url, pid, encoding } of peers) {
      const { cpu, rate } = await perRequest(url, pid, encoding);
      times.get(name)?.cpu.push(cpu);
      times.get(name)?.rate.push(rate);
    }
  }
  const memory = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;
  const ours = median(times.get('ours, gzip')?.cpu ?? []);
  console.log(
    `\nserve: ${machine()}; page of ${Buffer.byteLength(body)} bytes; start to the first page with its data ${Math.round(demonstration.coldStartMs)} ms; memory afterwards ${Math.round(memory)} MB`,
  );
  table(
    ['server', 'CPU, µs a request', 'requests a second', 'its CPU / ours with gzip'],
    peers.map(({ name }) => {
      const { cpu = [], rate = [] } = times.get(name) ?? {};
      return [name, median(cpu).toFixed(1), Math.round(median(rate)), (median(cpu) / ours).toFixed(2)];
    }),
  );
  for (const { stop } of peers) stop();
  await demonstration.stop();
}

function startNginx(folder: string, body: string) {
  const root = path.join(folder, 'nginx');
  fs.mkdirSync(path.join(root, 'www'), { recursive: true });
  fs.chmodSync(folder, 0o755);
  fs.writeFileSync(path.join(root, 'www/page.html'), body);
  fs.writeFileSync(path.join(root, 'www/page.html.gz'), gzipSync(body, { level: 9 }));
  fs.writeFileSync(
    path.join(root, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${root}/pid; error_log ${root}/error.log;
events { worker_connections 1024; }
http { access_log off; sendfile on; open_file_cache max=100; keepalive_requests 1000000; gzip_static on;
types { text/html html; } client_body_temp_path ${root}/b; proxy_temp_path ${root}/p; fastcgi_temp_path ${root}/f; uwsgi_temp_path ${root}/u; scgi_temp_path ${root}/s;
server { listen 127.0.0.1:4398; root ${root}/www; } }`,
  );
  const nginx = spawn('taskset', ['-c', '0', 'nginx', '-c', path.join(root, 'nginx.conf')], { stdio: 'inherit' });
  return { name: 'nginx, gzip_static', url: 'http://127.0.0.1:4398/page.html', pid: nginx.pid ?? 0, encoding: 'gzip', stop: () => void nginx.kill('SIGTERM') };
}

/** Node's own server with one ready buffer and three headers: the floor for anything written in it. */
function startBare(folder: string, body: string) {
  const file = path.join(folder, 'bare.mjs');
  fs.writeFileSync(path.join(folder, 'bare.gz'), gzipSync(body, { level: 9 }));
  fs.writeFileSync(
    file,
    `import http from 'node:http'; import fs from 'node:fs';
const body = fs.readFileSync(${JSON.stringify(path.join(folder, 'bare.gz'))});
http.createServer((req, res) => { res.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip', 'content-length': body.length }); res.end(body); }).listen(4396, '127.0.0.1');`,
  );
  const bare = spawn('taskset', ['-c', '0', process.execPath, file], { stdio: 'inherit' });
  return { name: 'bare Node, one buffer', url: 'http://127.0.0.1:4396/', pid: bare.pid ?? 0, encoding: 'gzip', stop: () => void bare.kill('SIGTERM') };
}

/** The same page prerendered in a project that has nothing else, served as the adapter does by itself. */
async function startStock(folder: string, body: string) {
  const root = path.join(folder, 'stock');
  fs.mkdirSync(path.join(root, 'src/pages'), { recursive: true });
  fs.symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'));
  fs.writeFileSync(path.join(root, 'package.json'), '{"type":"module"}');
  fs.writeFileSync(path.join(root, 'page.html'), body);
  fs.writeFileSync(path.join(root, 'src/pages/page.astro'), `---\nimport html from '../../page.html?raw';\nexport const prerender = true;\n---\n<Fragment set:html={html} />\n`);
  fs.writeFileSync(path.join(root, 'src/pages/live.astro'), '---\nexport const prerender = false;\n---\n<p>x</p>\n');
  fs.writeFileSync(path.join(root, 'astro.config.mjs'), "import node from '@astrojs/node';\nexport default { output: 'server', adapter: node({ mode: 'standalone' }) };\n");
  execFileSync(process.execPath, [path.resolve('node_modules/astro/bin/astro.mjs'), 'build'], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
  });
  const stock = spawn('taskset', ['-c', '0', process.execPath, 'dist/server/entry.mjs'], { cwd: root, stdio: 'ignore', env: { ...process.env, HOST: '127.0.0.1', PORT: '4397' } });
  const url = 'http://127.0.0.1:4397/page/';
  for (let tries = 0; tries < 100; tries += 1) {
    if (
      await fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { name: 'stock @astrojs/node, prerendered', url, pid: stock.pid ?? 0, encoding: 'gzip', stop: () => void stock.kill('SIGTERM') };
}
