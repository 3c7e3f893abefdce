import type { LocalContent } from '../content/content.ts';
import type { PublicStandingRow } from '../followup/public/queries.ts';
import { inLanguage } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import { addDays, dateOf } from '../platform/clock.ts';
import { homeMessages } from './messages.ts';

/** Something that happened, for the front page and the feed. */
export interface News {
  /** Stays the same as long as the site does: the feed's readers know it again by this. */
  readonly id: string;
  readonly date: string;
  readonly title: string;
  readonly text: string;
  readonly href: string;
}

/** A deadline that is coming. */
export interface Due {
  readonly date: string;
  readonly title: string;
  readonly href: string;
}

const recentDays = 90;
const soonDays = 45;

/** The days that news and deadlines are taken from. */
export const daysAround = (today: string): { readonly since: string; readonly today: string; readonly until: string } => ({
  since: addDays(today, -recentDays),
  today,
  until: addDays(today, soonDays),
});

/**
 * What is new, latest first: what editors wrote, versions of the strategy that were adopted, agreements that began, and
 * requirements that were documented. Each is taken from where it stands; nobody types it twice.
 */
export function newsFrom(
  { lang, news, versions, requirements }: LocalContent,
  agreements: readonly {
    readonly number: string;
    readonly title_da: string;
    readonly title_en: string;
    readonly summary_da: string;
    readonly summary_en: string;
    readonly starts_on: string;
  }[],
  standings: readonly PublicStandingRow[],
  today: string,
): News[] {
  const t = homeMessages[lang];
  const { since } = daysAround(today);
  const recent = (date: string): boolean => date >= since && date <= today;
  const titles = new Map(requirements.map(({ id, title }) => [id, title]));

  const documented = new Map<string, News>();
  for (const row of standings) {
    const title = titles.get(row.requirement_id);
    if (row.state !== 'accepted' || !row.decided_at || !title) continue;
    const date = dateOf(row.decided_at);
    const id = `documented/${row.number}/${row.requirement_id}/${date}`;
    if (recent(date))
      documented.set(id, { id, date, title: t.documentedTitle(title), text: inLanguage(row, 'title', lang), href: `${pathTo('agreement', lang, { number: row.number })}#krav` });
  }
  const all: News[] = [
    ...news.filter(({ date }) => date <= today).map(({ id, date, title, summary, link }) => ({ id: `news/${id}`, date, title, text: summary, href: link ?? pathTo('home', lang) })),
    ...versions.flatMap(({ id, title, adoptedOn, note }) =>
      adoptedOn && recent(adoptedOn) ? [{ id: `strategy/${id}`, date: adoptedOn, title: t.adopted(title[lang]), text: note[lang], href: pathTo('versions', lang) }] : [],
    ),
    ...agreements
      .filter((row) => recent(row.starts_on))
      .map((row) => ({
        id: `agreement/${row.number}`,
        date: row.starts_on,
        title: t.began(inLanguage(row, 'title', lang)),
        text: inLanguage(row, 'summary', lang),
        href: pathTo('agreement', lang, { number: row.number }),
      })),
    ...documented.values(),
  ];
  return all.sort((a, b) => b.date.localeCompare(a.date) || a.id.localeCompare(b.id));
}

/** Documentation that suppliers are to file within a month and a half, nearest first, one entry per agreement, requirement and day. */
export function dueFrom({ lang, requirements }: LocalContent, standings: readonly PublicStandingRow[], today: string): Due[] {
  const { until } = daysAround(today);
  const titles = new Map(requirements.map(({ id, title }) => [id, title]));
  const due = new Map<string, Due>();
  for (const row of standings) {
    const title = titles.get(row.requirement_id);
    if (!title || row.due_on < today || row.due_on > until || row.state === 'accepted' || row.state === 'waived') continue;
    due.set(`${row.due_on} ${row.number} ${row.requirement_id}`, {
      date: row.due_on,
      title: `${title}: ${inLanguage(row, 'title', lang)}`,
      href: `${pathTo('agreement', lang, { number: row.number })}#krav`,
    });
  }
  return [...due.values()].sort((a, b) => a.date.localeCompare(b.date));
}
