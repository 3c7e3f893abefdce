import { publicStandingOf } from '../followup/obligation.ts';
import type { PublicStandingRow } from '../followup/public/queries.ts';
import type { Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import type { RequirementSummary } from '../requirements/requirement.ts';
import type { Action } from '../strategy/action-plan.ts';
import type { Chapter, FocusArea } from '../strategy/strategy.ts';
import type { ThreadStep } from '../ui/thread/thread.ts';
import { threadMessages } from './messages.ts';

/** focus area → goal → action → requirement → agreement → documentation → public result, seen from one page. */
interface Strands {
  readonly lang: Language;
  readonly today: string;
  readonly focusAreas: readonly FocusArea[];
  readonly chapters: readonly Chapter[];
  readonly actions: readonly Action[];
  readonly requirements: readonly RequirementSummary[];
  readonly agreements: readonly { readonly number: string; readonly title: string }[];
  /** How many there are and where, when not all of them were read. */
  readonly allAgreements?: { readonly count: number; readonly href: string };
  /** The tender that is looked at. */
  readonly tender?: string;
  readonly standings: readonly PublicStandingRow[];
}

type Link = ThreadStep['links'][number];
const atMost = 6;

export function threadFrom(here: ThreadStep['kind'], strands: Strands): ThreadStep[] {
  const { lang, focusAreas, chapters, actions, standings, today } = strands;
  // What has been documented comes first, so that a reader who follows the thread arrives at a result.
  const isDone = (row: PublicStandingRow): boolean => publicStandingOf(row, today) === 'documented';
  const done = standings.filter(isDone);
  const latest = [...new Map(standings.map((row) => [`${row.number} ${row.supplier_id} ${row.requirement_id} ${row.type}`, row])).values()].filter(isDone);
  const firstIf = <T>(list: readonly T[], holds: (entry: T) => boolean): T[] => [...list.filter(holds), ...list.filter((entry) => !holds(entry))];
  const requirements = firstIf(strands.requirements, ({ id }) => latest.some((row) => row.requirement_id === id));
  const agreements = firstIf(strands.agreements, ({ number }) => latest.some((row) => row.number === number));
  const t = threadMessages[lang];
  const chapterOf = (area: FocusArea): string | undefined => {
    const slug = chapters.find((chapter) => chapter.focusArea === area.id)?.slug;
    return slug && pathTo('chapter', lang, { chapter: slug });
  };
  const wantedGoals = new Set(requirements.flatMap((requirement) => requirement.goals));
  const areas = focusAreas.filter((area) => requirements.some((requirement) => requirement.focusArea === area.id) || area.goals.some((goal) => wantedGoals.has(goal.id)));
  const goals = focusAreas.flatMap((area) =>
    area.goals.filter((goal) => wantedGoals.has(goal.id)).map((goal) => ({ text: goal.title[lang], href: chapterOf(area) && `${chapterOf(area)}#${goal.id}` })),
  );
  const shown = new Set(requirements.map(({ id }) => id));
  const serving = actions.filter((action) => action.requirements.some((id) => shown.has(id)));
  const only = agreements.length === 1 && (strands.allAgreements?.count ?? 1) === 1 ? agreements[0] : undefined;
  const standingPage = only && `${pathTo('agreement', lang, { number: only.number })}#krav`;

  const steps: ThreadStep[] = [
    { kind: 'focusArea', links: areas.map((area) => ({ text: area.title[lang], href: chapterOf(area) })) },
    { kind: 'goal', links: shortened(goals, lang) },
    {
      kind: 'action',
      links: shortened(
        serving.map(({ id, title }) => ({ text: title[lang], href: `${pathTo('actionPlan', lang)}#${id}` })),
        lang,
        pathTo('actionPlan', lang),
      ),
    },
    {
      kind: 'requirement',
      links: shortened(
        requirements.map(({ id, title }) => ({ text: title, href: pathTo('requirement', lang, { id }) })),
        lang,
        pathTo('requirements', lang),
      ),
    },
    ...(strands.tender ? [{ kind: 'tender' as const, links: [{ text: strands.tender }] }] : []),
    {
      kind: 'agreement',
      links: shortened(
        agreements.map(({ number, title }) => ({ text: title, href: pathTo('agreement', lang, { number }) })),
        lang,
        strands.allAgreements?.href ?? pathTo('agreements', lang),
        strands.allAgreements?.count,
      ),
    },
    { kind: 'obligation', links: standings.length > 0 ? [{ text: t.asked(standings.length), href: standingPage }] : [] },
    { kind: 'result', links: standings.length > 0 ? [{ text: t.documented(done.length, standings.length), href: standingPage }] : [] },
  ];
  return steps.map((step) => (step.kind === here ? { ...step, here: true, links: step.links.map(({ text }) => ({ text })) } : step));
}

function shortened(links: readonly Link[], lang: Language, all?: string, count = links.length): readonly Link[] {
  if (count <= atMost) return links;
  const shown = links.slice(0, atMost - 1);
  return [...shown, { text: threadMessages[lang].more(count - shown.length), href: all }];
}
