import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import type { LaunchOptions } from 'playwright';

/** A Chromium to test with: CHROMIUM_PATH, else the one that comes with npm, unpacked once per machine with the libraries it needs. */
export function chromiumOptions(): LaunchOptions {
  const args = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  const own = process.env['CHROMIUM_PATH'];
  if (own) return { executablePath: own, args };

  const packaged = path.resolve(path.dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..');
  const bin = [packaged, path.resolve(packaged, '..')].map((folder) => path.join(folder, 'bin')).find((folder) => fs.existsSync(path.join(folder, 'chromium.br')));
  if (!bin) throw new Error('no browser: set CHROMIUM_PATH to a Chromium, for example after apt-get install chromium');
  const folder = path.join(os.tmpdir(), `portal-chromium-153-${process.getuid?.() ?? 0}`);
  const executablePath = path.join(folder, 'chromium');
  if (!fs.existsSync(executablePath)) {
    fs.mkdirSync(folder, { recursive: true });
    for (const name of ['al2023', 'swiftshader']) {
      const archive = path.join(folder, `${name}.tar`);
      fs.writeFileSync(archive, zlib.brotliDecompressSync(fs.readFileSync(path.join(bin, `${name}.tar.br`))));
      execFileSync('tar', ['-xf', archive, '-C', folder]);
    }
    const unfinished = `${executablePath}.${process.pid}`;
    fs.writeFileSync(unfinished, zlib.brotliDecompressSync(fs.readFileSync(path.join(bin, 'chromium.br'))), { mode: 0o755 });
    fs.renameSync(unfinished, executablePath);
  }
  const libraries = ['al2023/lib', 'lib'].map((name) => path.join(folder, name)).join(':');
  return { executablePath, args, env: { ...process.env, LD_LIBRARY_PATH: libraries } as Record<string, string> };
}
