import fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright';
import { stringify } from 'yaml';
import { danish, english } from './addresses.ts';
import { chromiumOptions } from './chromium.ts';

/**
 * Runs axe on every kind of public page of a running demonstration, narrow and wide, light and dark, and writes what it
 * found per success criterion to content/accessibility: node test/support/measure-accessibility.ts [base]
 */
const base = process.argv[2] ?? 'http://localhost:4321';
const require = createRequire(import.meta.url);
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const { version } = JSON.parse(fs.readFileSync(require.resolve('axe-core/package.json'), 'utf8')) as { version: string };
const views = [320, 1280].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ viewport: { width, height: 900 }, colorScheme })));

type Rule = { id: string; tags: string[]; nodes: unknown[] };
const criteria = new Map<string, { rules: Set<string>; passed: number; findings: number }>();
const note = (rule: Rule, kind: 'passed' | 'findings'): void => {
  for (const tag of rule.tags) {
    const found = /^wcag(\d)(\d)(\d{1,2})$/.exec(tag);
    if (!found) continue;
    const id = found.slice(1).join('.');
    const sum = criteria.get(id) ?? { rules: new Set(), passed: 0, findings: 0 };
    sum.rules.add(rule.id);
    sum[kind] += rule.nodes.length;
    criteria.set(id, sum);
  }
};

const browser = await chromium.launch(chromiumOptions());
for (const view of views) {
  const page = await (await browser.newContext(view)).newPage();
  for (const address of [...danish, ...english]) {
    await page.goto(base + address);
    await page.evaluate(axe);
    // Rules that found nothing to look at count too: with no picture on a page there is no picture without a text.
    if (criteria.size === 0)
      for (const rule of (await page.evaluate('axe.getRules().map(({ ruleId, tags }) => ({ id: ruleId, tags, nodes: [] }))')) as Rule[]) note(rule, 'passed');
    const result = (await page.evaluate('axe.run(document, { rules: { "target-size": { enabled: true } } })')) as { passes: Rule[]; violations: Rule[] };
    for (const rule of result.passes) note(rule, 'passed');
    for (const rule of result.violations) {
      note(rule, 'findings');
      for (const node of rule.nodes as { target: string[] }[]) console.log(`${address} ${view.viewport.width} ${view.colorScheme}: ${rule.id} at ${node.target.join(' ')}`);
    }
  }
  await page.context().close();
}
const measured = {
  on: new Date().toISOString().slice(0, 10),
  tool: `axe-core ${version}`,
  browser: `Chromium ${browser.version().split('.')[0]}`,
  pages: danish.length + english.length,
  views: views.length,
  criteria: Object.fromEntries([...criteria].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })).map(([id, sum]) => [id, { ...sum, rules: [...sum.rules].sort() }])),
};
await browser.close();
fs.writeFileSync('content/accessibility/measured.yaml', `# Skrevet af test/support/measure-accessibility.ts; ret den ikke i hånden.\n${stringify(measured)}`);
console.log(`${measured.pages} pages in ${measured.views} views: ${[...criteria.values()].reduce((sum, { findings }) => sum + findings, 0)} findings`);
