import { describe, expect, test } from 'vitest';
import type { PublicStandingRow } from '../../src/followup/public/queries.ts';
import type { RequirementSummary } from '../../src/requirements/requirement.ts';
import type { FocusArea } from '../../src/strategy/strategy.ts';
import { threadFrom } from '../../src/thread/thread.ts';
import { testToday } from '../support/known.ts';

const both = (text: string) => ({ da: text, en: `${text} (en)` });
const focusAreas: FocusArea[] = [
  { id: 'a', order: 1, draft: true, title: both('Område'), summary: both('x'), goals: [{ id: 'g', title: both('Mål'), text: both('x'), measure: both('x') }] },
  { id: 'b', order: 2, draft: true, title: both('Et andet'), summary: both('x'), goals: [{ id: 'h', title: both('Andet mål'), text: both('x'), measure: both('x') }] },
];
const chapters = [{ title: 'Område', slug: 'omraade', order: 3, summary: 'x', version: '1', draft: true, focusArea: 'a' }];
const actions = [
  {
    id: 'handling',
    goal: 'g',
    title: both('Handling'),
    text: both('x'),
    owner: both('x'),
    deadline: '2027-01-01',
    status: 'started' as const,
    requirements: ['k'],
    draft: true,
    measure: { requirement: 'k' },
  },
];
const requirement = (id: string): RequirementSummary => ({ id, title: `Krav ${id}`, summary: 'x', kind: 'minimum', area: 'social', focusArea: 'a', goals: ['g'] });
const standing = (state: string): PublicStandingRow => ({
  agreement_id: 'x',
  number: '2024-031',
  title_da: 'Aftale',
  title_en: 'Agreement',
  supplier_id: 'x',
  supplier_name: 'x',
  requirement_id: 'k',
  type: 'x',
  period: null,
  lot: null,
  state,
  due_on: '2026-01-01',
  decided_at: null,
});
const strands = {
  lang: 'da' as const,
  today: testToday,
  focusAreas,
  chapters,
  actions,
  requirements: [requirement('k')],
  agreements: [{ number: '2024-031', title: 'Aftale' }],
  standings: [standing('accepted'), standing('submitted')],
};

describe('the thread', () => {
  test('runs from focus area to public result, always in the same order', () => {
    expect(threadFrom('agreement', strands).map(({ kind }) => kind)).toEqual(['focusArea', 'goal', 'action', 'requirement', 'agreement', 'obligation', 'result']);
  });

  test('links every neighbour but the page that is shown', () => {
    for (const here of ['requirement', 'agreement'] as const) {
      const steps = threadFrom(here, strands);
      expect(steps.filter((step) => step.here).map(({ kind }) => kind)).toEqual([here]);
      for (const step of steps) for (const link of step.links) expect([step.kind, link.href !== undefined]).toEqual([step.kind, step.kind !== here]);
    }
  });

  test('shows only the focus areas, goals and actions that lead here', () => {
    const [area, goal, action] = threadFrom('requirement', strands);
    expect([area?.links, goal?.links, action?.links]).toEqual([
      [{ text: 'Område', href: '/strategi/omraade' }],
      [{ text: 'Mål', href: '/strategi/omraade#g' }],
      [{ text: 'Handling', href: '/strategi/handlingsplan#handling' }],
    ]);
    expect(threadFrom('requirement', { ...strands, requirements: [{ ...requirement('k'), focusArea: 'b', goals: ['h'] }], actions: [] })[0]?.links[0]?.text).toBe('Et andet');
  });

  test('counts what was asked for and what is documented, and leads to it', () => {
    const [, , , , , asked, result] = threadFrom('requirement', strands);
    expect(asked?.links).toEqual([{ text: '2 gange bedt om dokumentation', href: '/aftaler/2024-031#krav' }]);
    expect(result?.links).toEqual([{ text: '1 af 2 dokumenteret', href: '/aftaler/2024-031#krav' }]);
  });

  test('shortens a long list and says how many more, in the reader’s language', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ number: `n${index}`, title: `Aftale ${index}` }));
    const links = threadFrom('requirement', { ...strands, agreements: many }).find(({ kind }) => kind === 'agreement')?.links;
    expect(links).toHaveLength(6);
    expect(links?.at(-1)).toEqual({ text: 'og 4 mere', href: '/aftaler' });
    const english = threadFrom('requirement', { ...strands, lang: 'en', agreements: many });
    expect(english.find(({ kind }) => kind === 'agreement')?.links.at(-1)).toEqual({ text: 'and 4 more', href: '/en/agreements' });
  });
});
