import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readAgreements, readTenders } from '../db/seed/demonstration.ts';
import { readObligationTypes } from '../src/followup/obligation-type.ts';
import { readMunicipality } from '../src/municipality/municipality.ts';
import { categorySchema } from '../src/requirements/category.ts';
import { legalFigureSchema, rowOn } from '../src/requirements/legal-figure.ts';
import { requirementEnglish, requirementSchema } from '../src/requirements/requirement.ts';
import { actionSchema } from '../src/strategy/action-plan.ts';
import { chapterSchema, focusAreaSchema } from '../src/strategy/strategy.ts';
import { faultsOf, versionSchema } from '../src/strategy/version.ts';
import { testToday } from './support/known.ts';

const front = (file: string): unknown => parse(/^---\n([\s\S]*?)\n---/.exec(fs.readFileSync(file, 'utf8'))?.[1] ?? '');
const yaml = (file: string): unknown => parse(fs.readFileSync(file, 'utf8'));
const files = (folder: string): string[] => fs.readdirSync(folder).filter((name) => name.endsWith('.md'));

const areas = z.array(focusAreaSchema).parse(parse(fs.readFileSync('content/strategy/focus-areas.yaml', 'utf8')));
const goals = new Set(areas.flatMap((area) => area.goals.map((goal) => goal.id)));
const types = readObligationTypes();
const requirements = new Map(files('content/requirements/da').map((name) => [name.replace('.md', ''), requirementSchema.parse(front(path.join('content/requirements/da', name)))]));

describe('what editors write', () => {
  test('there are three focus areas with goals, several chapters, and at least ten requirements', () => {
    expect(areas).toHaveLength(3);
    expect(goals.size).toBeGreaterThanOrEqual(6);
    expect(files('content/strategy/da').length).toBeGreaterThanOrEqual(4);
    expect(requirements.size).toBeGreaterThanOrEqual(10);
    expect(readMunicipality().name.da).toBeTypeOf('string');
  });

  test('every Danish file has its English twin with as many pieces of evidence, and the other way round', () => {
    expect(files('content/strategy/en')).toEqual(files('content/strategy/da'));
    expect(files('content/requirements/en')).toEqual(files('content/requirements/da'));
    for (const [id, requirement] of requirements) {
      const english = requirementEnglish.parse(front(`content/requirements/en/${id}.md`));
      expect([id, english.evidence.length]).toEqual([id, requirement.evidence.length]);
    }
  });

  test('chapters have one order and one address each, the same order in both languages', () => {
    for (const name of files('content/strategy/da')) {
      const [danish, english] = [chapterSchema.parse(front(`content/strategy/da/${name}`)), chapterSchema.parse(front(`content/strategy/en/${name}`))];
      expect([name, english.order, english.focusArea, english.draft]).toEqual([name, danish.order, danish.focusArea, danish.draft]);
    }
    for (const lang of ['da', 'en']) {
      const chapters = files(`content/strategy/${lang}`).map((name) => chapterSchema.parse(front(`content/strategy/${lang}/${name}`)));
      expect(new Set(chapters.map((chapter) => chapter.slug)).size).toBe(chapters.length);
      expect(chapters.map((chapter) => chapter.order).sort((a, b) => a - b)).toEqual(chapters.map((_, index) => index + 1));
    }
  });

  test('every id that a file refers to exists', () => {
    const missing: string[] = [];
    for (const [id, requirement] of requirements) {
      if (!areas.some((area) => area.id === requirement.focusArea)) missing.push(`${id}: ${requirement.focusArea}`);
      for (const goal of requirement.goals) if (!goals.has(goal)) missing.push(`${id}: ${goal}`);
      for (const type of requirement.obligationTypes) if (!types.has(type)) missing.push(`${id}: ${type}`);
    }
    for (const agreement of readAgreements(testToday)) for (const id of agreement.requirements) if (!requirements.has(id)) missing.push(`${agreement.number}: ${id}`);
    for (const tender of readTenders()) for (const id of tender.requirements) if (!requirements.has(id)) missing.push(`${tender.id}: ${id}`);
    expect(missing).toEqual([]);
  });

  test('every goal is carried by a requirement, and every requirement by an agreement of the demonstration', () => {
    const carried = new Set([...requirements.values()].flatMap((requirement) => requirement.goals));
    expect([...goals].filter((goal) => !carried.has(goal))).toEqual([]);
    const used = new Set(readAgreements(testToday).flatMap((agreement) => agreement.requirements));
    expect([...requirements.keys()].filter((id) => !used.has(id))).toEqual([]);
  });

  test('every goal has an action, every action its goal and its requirements, each with one way to tell how far it is', () => {
    const actions = z.array(actionSchema).parse(yaml('content/action-plan/actions.yaml'));
    expect([...goals].filter((goal) => !actions.some((action) => action.goal === goal))).toEqual([]);
    const named = actions.flatMap((action) => [...action.requirements, ...('measure' in action ? [action.measure.requirement] : [])]);
    expect(actions.filter((action) => !goals.has(action.goal))).toEqual([]);
    expect(named.filter((id) => !requirements.has(id))).toEqual([]);
    expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
  });

  test('versions of the strategy hang together, and the chapters belong to one of them', () => {
    const versions = z.array(versionSchema).parse(yaml('content/strategy/versions.yaml'));
    expect(faultsOf(versions)).toEqual([]);
    for (const name of files('content/strategy/da')) expect(versions.map(({ id }) => id)).toContain(chapterSchema.parse(front(`content/strategy/da/${name}`)).version);
  });

  test('legal figures hold today, and categories name requirements that exist', () => {
    const figures = z.array(legalFigureSchema).parse(yaml('content/legal-figures/figures.yaml'));
    expect(figures.filter((figure) => !rowOn(figure, testToday)).map(({ id }) => id)).toEqual([]);
    const goods = z
      .array(categorySchema)
      .parse(yaml('content/categories/categories.yaml'))
      .flatMap(({ children }) => children);
    expect(goods.flatMap((each) => each.requirements).filter((id) => !requirements.has(id))).toEqual([]);
    expect(new Set(goods.map(({ id }) => id)).size).toBe(goods.length);
  });

  test('the pages that law expects are there in both languages', () => {
    expect(files('content/pages/en')).toEqual(files('content/pages/da'));
    expect(files('content/pages/da')).toEqual(['cookies.md', 'privatliv.md', 'tilgaengelighed.md']);
  });

  test('front matter that does not fit is refused with the field', () => {
    const { error } = requirementSchema.safeParse({ title: 'x', kind: 'wish', colour: 'red' });
    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain('kind');
    expect(error?.issues.some((issue) => issue.message.includes('colour'))).toBe(true);
  });
});
