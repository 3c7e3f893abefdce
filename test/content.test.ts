import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readAgreements, readTenders } from '../db/seed/demonstration.ts';
import { sentenceOf } from '../src/content/files.ts';
import { loadContent } from '../src/content/load.ts';
import { contentStore } from '../src/content/store.ts';
import { rowOn } from '../src/requirements/legal-figure.ts';
import { atEnd } from './support/clean-up.ts';
import { writtenContent } from './support/content.ts';
import { testToday } from './support/known.ts';

const { da, en, types } = writtenContent();

/** A copy of the content in which files are changed or, with null, removed. */
function copyWith(changes: Record<string, ((text: string) => string) | string | null>): string {
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'portal-content-')), 'content');
  atEnd(() => fs.rmSync(path.dirname(folder), { recursive: true, force: true }));
  fs.cpSync('content', folder, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const file = path.join(folder, name);
    if (change === null) fs.rmSync(file);
    else fs.writeFileSync(file, typeof change === 'string' ? change : change(fs.readFileSync(file, 'utf8')));
  }
  return folder;
}
const faultsWith = (changes: Parameters<typeof copyWith>[0]): string[] => {
  const folder = copyWith(changes);
  return loadContent(folder).faults.map((fault) => sentenceOf(fault).replaceAll(`${folder}/`, ''));
};

describe('what editors write', () => {
  test('is a strategy with three focus areas, at least thirty requirements, kinds of documentation, and the pages that law expects', () => {
    expect(da.focusAreas).toHaveLength(3);
    expect(da.chapters.length).toBeGreaterThanOrEqual(4);
    expect(da.requirements.length).toBeGreaterThanOrEqual(30);
    expect(types.size).toBeGreaterThanOrEqual(43);
    expect([...da.pages.keys()]).toEqual(['cookies', 'privatliv', 'tilgaengelighed']);
  });

  test('says the same in both languages', () => {
    for (const list of ['chapters', 'requirements', 'news'] as const) expect(en[list].map(({ id }) => id).sort()).toEqual(da[list].map(({ id }) => id).sort());
    expect(en.requirements.filter(({ title }) => da.requirements.some((danish) => danish.title === title))).toEqual([]);
    expect(da.chapters.map(({ order }) => order)).toEqual(da.chapters.map((_, index) => index + 1));
  });

  test('is carried through: every goal has an action and a requirement, every requirement an agreement of the demonstration', () => {
    const goals = da.focusAreas.flatMap((area) => area.goals.map(({ id }) => id));
    expect(goals.filter((goal) => !da.actions.some((action) => action.goal === goal))).toEqual([]);
    expect(goals.filter((goal) => !da.requirements.some((requirement) => requirement.goals.includes(goal)))).toEqual([]);
    const used = new Set(readAgreements(testToday).flatMap((agreement) => agreement.requirements));
    expect(da.requirements.filter(({ id }) => !used.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test('is what the demonstration refers to, and its legal figures hold today', () => {
    const known = new Set(da.requirements.map(({ id }) => id));
    expect([...readAgreements(testToday), ...readTenders()].flatMap((row) => row.requirements).filter((id) => !known.has(id))).toEqual([]);
    expect(da.legalFigures.filter((figure) => !rowOn(figure, testToday)).map(({ id }) => id)).toEqual([]);
  });
});

describe('a fault in the content is one sentence with file, line, field and how to mend it', () => {
  const requirement = 'requirements/da/arbejdsklausul.md';
  const replace = (from: string | RegExp, to: string) => (text: string) => {
    expect(text).toMatch(from);
    return text.replace(from, to);
  };
  test.each<[string, Parameters<typeof copyWith>[0], string[]]>([
    [
      'a goal that is misspelt',
      { [requirement]: replace('[ordentlige-arbejdsforhold]', '[ordentlige-arbejdforhold]') },
      [`${requirement}: line 7: goals[1]: there is no goal "ordentlige-arbejdforhold"; did you mean "ordentlige-arbejdsforhold"?`],
    ],
    [
      'a focus area that nobody knows',
      { [requirement]: replace('focusArea: ordentlig-kvalitet', 'focusArea: xyz') },
      [expect.stringContaining(`${requirement}: line 6: focusArea: there is no focus area "xyz"; there are: `) as string],
    ],
    [
      'a kind that does not exist',
      { [requirement]: replace('kind: contract-term', 'kind: wish') },
      [`${requirement}: line 4: kind: must be one of: contract-term, minimum, award-criterion`],
    ],
    ['a field that is missing', { [requirement]: replace(/summary: .*\n/, '') }, [`${requirement}: line 1: summary: is missing; write it`]],
    [
      'a field that is no field',
      { [requirement]: replace('draft: true', 'colour: red\ndraft: true') },
      [`${requirement}: line 17: colour: is no field here; take it out or correct its name`],
    ],
    [
      'broken front matter',
      { [requirement]: replace('title: Arbejdsklausul', 'title: "Arbejdsklausul') },
      [expect.stringMatching(/^requirements\/da\/arbejdsklausul\.md: line \d+: cannot be read: /) as string],
    ],
    ['no front matter', { 'pages/da/cookies.md': 'Bare tekst' }, [expect.stringContaining('pages/da/cookies.md: line 1: begins without front matter') as string]],
    [
      'a missing translation',
      { 'requirements/en/arbejdsklausul.md': null },
      ['requirements/en/arbejdsklausul.md: is missing; requirements/da/arbejdsklausul.md needs its English twin'],
    ],
    [
      'a figure that nobody knows',
      { 'obligation-types/madspild.yaml': replace('indicator: meals', 'indicator: meal') },
      [expect.stringMatching(/^obligation-types\/madspild.yaml: line \d+: observations\[1\].indicator: there is no indicator "meal"; did you mean "meals"\?$/) as string],
    ],
    [
      'a figure of a field that is not there, and of one that is no number',
      { 'obligation-types/lca-byggeri.yaml': (text) => text.replace('field: area,', 'field: areal,').replace('times: area', 'times: gate') },
      [
        expect.stringMatching(/observations\[1\].field: there is no field areal$/) as string,
        expect.stringMatching(/observations\[2\].times: the field gate is no number but enum$/) as string,
      ],
    ],
    [
      'a figure of lines where there are none',
      { 'obligation-types/madspild.yaml': replace('field: meals', 'lines: total') },
      [expect.stringMatching(/observations\[1\].lines: the type has no lines; name a field instead$/) as string],
    ],
    [
      'an amount that is measured in kilos',
      { 'obligation-types/miljoemaerke-andel.yaml': replace('indicator: declared-turnover', 'indicator: food-waste') },
      [expect.stringMatching(/observations\[1\].indicator: "food-waste" is measured in kg, but this is an amount$/) as string],
    ],
    [
      'a share of what comes from elsewhere',
      { 'indicators.yaml': replace('of: food-waste', 'of: site-diesel') },
      [expect.stringMatching(/^indicators.yaml: line \d+: \[\d+\].of: "site-diesel" comes from other types than "meals"; both must come from the same$/) as string],
    ],
    [
      'a figure that nothing is counted in',
      { 'indicators.yaml': (text) => `${text}- { id: wood, label: { da: Træ, en: Wood }, kind: sum, unit: m2, decimals: 0, good: up }\n` },
      [expect.stringMatching(/"wood" comes from no type of documentation; name it in one, or take it out$/) as string],
    ],
    ['a missing page', { 'pages/da/cookies.md': null, 'pages/en/cookies.md': null }, ['pages/da/cookies.md: is missing; law expects the page']],
    [
      'a version in force without its date',
      { 'strategy/versions.yaml': replace('"2007-05-22"', 'null') },
      ['strategy/versions.yaml: line 14: [2].adoptedOn: a version that is or was in force needs the day on which it was adopted'],
    ],
    [
      'two versions of one date',
      { 'strategy/versions.yaml': replace('adoptedOn: null', 'adoptedOn: "2007-05-22"') },
      ['strategy/versions.yaml: line 14: [2].adoptedOn: another version has the same day; only one can be the later'],
    ],
    [
      'a day that does not exist',
      { 'action-plan/actions.yaml': replace(/deadline: "\d{4}-\d\d-\d\d"/, 'deadline: "2026-02-30"') },
      [expect.stringMatching(/^action-plan\/actions\.yaml: line \d+: \[1\]\.deadline: must be a day that exists, such as 2026-11-23$/) as string],
    ],
    [
      'an action twice',
      { 'action-plan/actions.yaml': (text) => text + text.slice(text.indexOf('- id:'), text.indexOf('- id:', text.indexOf('- id:') + 1)) },
      [expect.stringMatching(/\.id: "[a-z0-9-]+" is used twice; give each its own$/) as string],
    ],
    [
      'colours that cannot be read',
      { 'municipality/municipality.yaml': replace('"#0e5a4f"', '"#9adfd0"') },
      [expect.stringContaining('colours.light: is too pale to be read on white') as string],
    ],
    [
      'a mark with a script',
      { 'municipality/logo.svg': '<svg viewBox="0 0 1 1"><script>alert(1)</script></svg>' },
      ['municipality/logo.svg: must be plain shapes: no script, style, link or picture inside'],
    ],
    ['no times of retention', { 'retention.yaml': null }, ['retention.yaml: is missing; every instance needs it']],
    [
      'a time that runs from a day that the class does not have',
      { 'retention.yaml': replace('after: deadline', 'after: filing') },
      [expect.stringMatching(/^retention\.yaml: line \d+: classes\[3\]\.after: must be one of: deadline, where covers is drafts$/) as string],
    ],
    [
      'times of retention for a kind of documentation that does not exist',
      { 'retention.yaml': replace('oplaering, arb', 'oplaring, arb') },
      [expect.stringMatching(/^retention\.yaml: line \d+: classes\[2\]\.types\[3\]: there is no obligation type "oplaring"; did you mean "oplaering"\?$/) as string],
    ],
    [
      'no class for the rest of what was filed',
      { 'retention.yaml': replace(/covers: filed\n {4}title/, 'covers: filed\n    types: [rut]\n    title') },
      [expect.stringContaining('classes: needs one class with covers: filed and without types') as string],
    ],
    ['no municipality', { 'municipality/municipality.yaml': null }, ['municipality/municipality.yaml: is missing; every instance needs it']],
  ])('%s', (_what, changes, sentences) => expect(faultsWith(changes)).toEqual(sentences));

  test('several faults are several sentences, and the check ends with 1', async () => {
    const folder = copyWith({ [requirement]: replace('kind: contract-term', 'kind: wish'), 'requirements/en/rut.md': 'x', 'strategy/focus-areas.yaml': '[' });
    const result = await promisify(execFile)(process.execPath, ['src/content/check.ts', folder]).catch((error: unknown) => error as { code: number; stderr: string });
    expect(result).toMatchObject({ code: 1 });
    expect(result.stderr.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    expect(result.stderr).not.toContain('there is no goal');
    await expect(promisify(execFile)(process.execPath, ['src/content/check.ts'])).resolves.toMatchObject({ stderr: '' });
  });
});

describe('an edit', () => {
  test('shows within a second; one with faults is logged and what was there stays', async () => {
    const folder = copyWith({});
    const log: string[] = [];
    const store = contentStore(folder, (_level, event, fields) => void log.push(`${event} ${JSON.stringify(fields ?? {})}`));
    atEnd(() => store.close());
    let changes = 0;
    store.watch(() => (changes += 1));
    const file = path.join(folder, 'requirements/da/arbejdsklausul.md');
    const before = fs.readFileSync(file, 'utf8');
    const title = () => store.current().da.requirements.find(({ id }) => id === 'arbejdsklausul')?.title;

    fs.writeFileSync(file, before.replace('title: Arbejdsklausul', 'title: Klausul om arbejde'));
    await expect.poll(title, { timeout: 1_000 }).toBe('Klausul om arbejde');
    expect(changes).toBe(1);
    fs.writeFileSync(file, before.replace('kind: contract-term', 'kind: wish'));
    await expect.poll(() => log.join('\n'), { timeout: 1_000 }).toContain('kind: must be one of');
    expect([title(), changes]).toEqual(['Klausul om arbejde', 1]);
    fs.writeFileSync(file, before);
    await expect.poll(title, { timeout: 1_000 }).toBe('Arbejdsklausul');
  });
});
