import type { APIContext } from 'astro';
import { agreements } from '../../agreements/queries.ts';
import { publicStandings } from '../../followup/public/queries.ts';
import { newsFrom } from '../../home/news.ts';
import { pathTo } from '../../i18n/routes.ts';
import { today as todayOf } from '../../platform/clock.ts';
import { uiMessages } from '../../ui/messages.ts';
import { atomResponse } from '../../web/atom.ts';

/** The news of the front page, all of them. */
export async function GET({ locals: { app, content, lang, frame } }: APIContext): Promise<Response> {
  const today = todayOf(app.clock);
  const entries = newsFrom(content, await agreements(app.db), await publicStandings(app.db, {}), today);
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
