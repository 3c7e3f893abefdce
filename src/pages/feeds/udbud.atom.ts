import { pathTo } from '../../i18n/routes.ts';
import { today } from '../../platform/clock.ts';
import { categoryAsked } from '../../tenders/feeds/category.ts';
import { feedMessages } from '../../tenders/feeds/messages.ts';
import { tenderNews } from '../../tenders/feeds/news.ts';
import { atomResponse } from '../../web/atom.ts';
import { machine, problem } from '../../web/machine.ts';

/** Publications of tenders, newest first; `kategori` names what they are about. */
export const ALL = machine(async (context) => {
  const { app, content, lang, frame } = context.locals;
  const { category, title, faults } = categoryAsked(context.url.searchParams, content.categories, lang);
  if (faults.length > 0) return problem(context, 'bad-parameter', faults);
  const entries = await tenderNews(app.db, lang, category);
  const full = (path: string): string => new URL(path, app.config.siteUrl).href;
  return atomResponse({
    title: `${frame.owner.name[lang]}: ${feedMessages[lang].title}${title ? ` (${title})` : ''}`,
    author: frame.owner.name[lang],
    page: full(pathTo('tenders', lang)),
    self: full(pathTo('tenderFeed', lang)) + (category ? `?${new URLSearchParams({ kategori: category })}` : ''),
    lang,
    updated: entries[0]?.date ?? today(app.clock),
    entries,
  });
});
