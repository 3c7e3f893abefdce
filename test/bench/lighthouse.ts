import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromiumOptions } from '../support/chromium.ts';
import { startDemonstration } from './demonstration.ts';
import { machine, table } from './measure.ts';

/** P9: Lighthouse, phone profile, on the ten main pages. The tool is large, so it is not among our dependencies: LIGHTHOUSE names its folder. */
const pages = ['/', '/strategi', '/strategi/sund-oekonomi', '/strategi/handlingsplan', '/krav', '/krav/arbejdsklausul', '/aftaler', '/aftaler/2024-031', '/udbud', '/soeg'];
const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const;

export async function lighthouse(): Promise<void> {
  const folder = process.env['LIGHTHOUSE'];
  if (!folder) {
    console.log('left out: lighthouse (npm install --prefix <folder> lighthouse, then LIGHTHOUSE=<folder> npm run bench -- lighthouse)');
    return;
  }
  const entry = createRequire(path.join(path.resolve(folder), 'x.js')).resolve('lighthouse/cli/index.js');
  const demonstration = await startDemonstration();
  const { executablePath = '', env } = chromiumOptions();
  const rows = pages.map((page) => {
    const out = path.join(demonstration.folder, 'lighthouse.json');
    const flags = ['--quiet', '--output=json', `--output-path=${out}`, '--chrome-flags=--headless=new --no-sandbox', `--only-categories=${categories.join(',')}`];
    execFileSync(process.execPath, [entry, demonstration.base + page, ...flags], {
      stdio: 'ignore',
      env: { ...process.env, ...(env as Record<string, string>), CHROME_PATH: executablePath },
    });
    const report = JSON.parse(fs.readFileSync(out, 'utf8')) as {
      categories: Record<string, { score: number }>;
      audits: Record<string, { score: number | null; id: string; scoreDisplayMode: string }>;
    };
    const missed = Object.values(report.audits)
      .filter(({ score, scoreDisplayMode }) => score !== null && score < 1 && ['binary', 'numeric'].includes(scoreDisplayMode))
      .map(({ id }) => id);
    return [page, ...categories.map((category) => Math.round((report.categories[category]?.score ?? 0) * 100)), missed.join(', ')];
  });
  console.log(`\nlighthouse: ${machine()}`);
  table(['page', ...categories, 'below full'], rows);
  await demonstration.stop();
}
