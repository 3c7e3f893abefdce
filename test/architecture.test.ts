import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

/** Who may import whom, by the first folder under src (src/README.md). A lower level never imports a higher one. */
const levels: Readonly<Record<string, number>> = {
  i18n: 0,
  platform: 0,
  municipality: 1,
  identity: 1,
  spreadsheet: 1,
  ui: 1,
  alerts: 2,
  strategy: 2,
  requirements: 2,
  agreements: 2,
  tenders: 2,
  documents: 2,
  observations: 2,
  followup: 3,
  returns: 3,
  content: 4,
  thread: 5,
  search: 5,
  home: 5,
  site: 5,
  opendata: 5,
  app: 6,
  web: 6,
  forms: 7,
  pages: 8,
  middleware: 8,
  'env.d': 8,
  build: 8,
  commands: 8,
  server: 8,
  start: 9,
  worker: 9,
  cli: 9,
};

/** Edges that go sideways on one level, or reach the composition root, each with its reason. */
const allowed = new Set([
  'platform → i18n', // addresses and formats know nothing of the outside
  'identity → ui', // the log-in page
  'agreements → alerts', // what is published is announced, and each page says how to follow it
  'tenders → alerts', // the same
  'tenders → agreements', // a tender replaces an agreement; one set of words for procedures
  'app → web', // the page cache
  'web → app', // the type of what the server provides
  'identity → municipality',
  'home → search', // the search field on the front page
  'worker → server', // the same way of stopping
  'returns → followup', // the columns of a return are those of its obligation type
]);

const sources = fs
  .readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(ts|astro)$/.test(entry.name))
  .map((entry) => path.join(entry.parentPath, entry.name));

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g)].map(
    (found) => found[1] ?? found[2] ?? found[3] ?? '',
  );
const areaOf = (file: string): string =>
  path
    .relative('src', file)
    .split('/')[0]
    ?.replace(/\.(ts|astro)$/, '') ?? '';

function faultsIn(file: string, text: string): string[] {
  const from = areaOf(file);
  const faults: string[] = [];
  for (const target of importsOf(text)) {
    if (target.startsWith('.')) {
      const to = areaOf(path.join(path.dirname(file), target));
      if (to.startsWith('..')) continue;
      const [fromLevel, toLevel] = [levels[from], levels[to]];
      if (fromLevel === undefined || toLevel === undefined) faults.push(`${file}: ${from} or ${to} has no level`);
      else if (from !== to && toLevel >= fromLevel && !allowed.has(`${from} → ${to}`)) faults.push(`${file} imports ${target}: ${from} may not know ${to}`);
    } else if (/^astro(:|\/|$)/.test(target) && !file.endsWith('.astro') && !['pages', 'web', 'forms', 'middleware', 'start'].includes(from)) {
      faults.push(`${file} imports ${target}: Astro belongs to pages and web, so that the worker and the commands run without a build`);
    }
  }
  return faults;
}

/** Each outside library is known to one place. */
const homes: Readonly<Record<string, RegExp>> = {
  pg: /^src\/platform\/(db|jobs|locks|postgres\/(copy|database|embedded-postgres))\.ts$/,
  'pg-copy-streams': /^src\/platform\/postgres\/copy\.ts$/,
  lucia: /^src\/identity\/sessions\.ts$/,
  nodemailer: /^src\/platform\/mail\/mail\.ts$/,
  'graphile-worker': /^src\/platform\/jobs\.ts$/,
  busboy: /^src\/web\/form\.ts$/,
  sirv: /^src\/server\.ts$/,
  compression: /^src\/server\.ts$/,
  yaml: /^src\/(content\/files|commands\/import)\.ts$/,
  marked: /^src\/content\/load\.ts$/,
  saxes: /^src\/(platform\/reading\/xml|tenders\/eforms\/xml|platform\/files\/s3-xml)\.ts$/,
  aws4fetch: /^src\/platform\/files\/s3-client\.ts$/,
  fflate: /^src\/spreadsheet\/writing\/write-xlsx\.ts$/,
  'ical-generator': /^src\/platform\/calendar\/write\.ts$/,
  pdfkit: /^src\/documents\/receipts\/pdf\/sheet\.ts$/,
  fontkit: /^src\/documents\/receipts\/pdf\/fonts\.ts$/,
  '@neslinesli93/qpdf-wasm': /^src\/documents\/checks\/parsers\/pdf-structure\.ts$/,
  '@hyzyla/pdfium': /^src\/documents\/checks\/parsers\/pdfium\.ts$/,
  pagefind: /^src\/search\/pagefind\.ts$/,
};

describe('the import graph', () => {
  test('no file imports from a higher level or sideways without a stated edge', () => {
    expect(sources.flatMap((file) => faultsIn(file, fs.readFileSync(file, 'utf8')))).toEqual([]);
  });

  test('the check sees a wrong import', () => {
    expect(faultsIn('src/platform/x.ts', "import { a } from '../followup/submit.ts';")).toHaveLength(1);
    expect(faultsIn('src/agreements/x.ts', "import { a } from '../tenders/queries.ts';")).toHaveLength(1);
    expect(faultsIn('src/followup/x.ts', "import { a } from 'astro:content';")).toHaveLength(1);
  });

  test('each outside library is imported in its own place only', () => {
    const strays = sources.flatMap((file) =>
      importsOf(fs.readFileSync(file, 'utf8'))
        .filter((target) => homes[target] && !homes[target]?.test(file))
        .map((target) => `${file}: ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test('settings are read in one place', () => {
    const readers = sources.filter((file) => /process\.env/.test(fs.readFileSync(file, 'utf8')));
    expect(readers).toEqual(['src/build.ts', 'src/platform/config.ts']);
  });

  test('no code names the municipality: another one replaces content and data only', () => {
    expect(sources.filter((file) => /taastrup|\bHTK\b/i.test(fs.readFileSync(file, 'utf8')))).toEqual([]);
  });

  test('no file of code is longer than 250 lines, no folder more than a dozen files, but that of the addresses', () => {
    const long = sources.filter((file) => fs.readFileSync(file, 'utf8').split('\n').length > 250);
    const perFolder = Map.groupBy(sources, (file) => path.dirname(file));
    const crowded = [...perFolder].filter(([folder, files]) => !['src', 'src/pages'].includes(folder) && files.length > 12).map(([folder]) => folder);
    expect({ long, crowded }).toEqual({ long: [], crowded: [] });
  });
});
