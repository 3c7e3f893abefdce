import type { APIContext } from 'astro';
import { begunBetween } from '../../agreements/queries.ts';
import { publicStandings } from '../../followup/public/queries.ts';
import { daysAround, newsFrom } from '../../home/news.ts';
import { pathTo } from '../../i18n/routes.ts';
import { today as todayOf } from '../../platform/clock.ts';
import { uiMessages } from '../../ui/messages.ts';
import { atomResponse } from '../../web/atom.ts';

const mostAgreements = 200;

/** The news of the front page, all of them; of many agreements that began, the latest. */
export async function GET({ locals: { app, content, lang, frame } }: APIContext): Promise<Response> {
  const today = todayOf(app.clock);
  const days = daysAround(today);
  const entries = newsFrom(content, await begunBetween(app.db, days.since, today, mostAgreements), await publicStandings(app.db, { near: days }), today);
  const full = (path: string): string => new URL(path, app.config.siteUrl).href;
  return atomResponse({
    title: `${frame.owner.name[lang]}: ${uiMessages[lang].feed}`,
    author: frame.owner.name[lang],
    page: full(pathTo('home', lang)),
    self: full(pathTo('newsFeed', lang)),
    lang,
    updated: entries[0]?.date ?? today,
    entries,
  });
}
