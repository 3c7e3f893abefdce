import { inLanguage } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import { tenderCalendar } from '../../tenders/feeds/calendar.ts';
import { calendarRows } from '../../tenders/feeds/calendar-rows.ts';
import { categoryAsked } from '../../tenders/feeds/category.ts';
import { feedMessages } from '../../tenders/feeds/messages.ts';
import { machine, problem } from '../../web/machine.ts';

/** Deadlines of tenders as a calendar; `kategori` names what they are about, `udbud` one tender. */
export const ALL = machine(async (context) => {
  const { app, content, lang, frame } = context.locals;
  const { category, title, faults } = categoryAsked(context.url.searchParams, content.categories, lang);
  if (faults.length > 0) return problem(context, 'bad-parameter', faults);
  const id = context.url.searchParams.get('udbud') || null;
  const now = app.clock.now();
  // PostgreSQL takes no NUL in a text, and no name of a tender has other signs than these.
  const tenders = id !== null && !/^[a-z0-9-]{1,200}$/.test(id) ? [] : await calendarRows(app.db, now, { category, id });
  const [only] = tenders;
  if (id !== null && !only)
    return problem(context, 'not-found', [
      { code: 'unknown-tender', parameter: 'udbud', found: id.slice(0, 200), message_da: feedMessages.da.unknownTender, message_en: feedMessages.en.unknownTender },
    ]);
  const t = feedMessages[lang];
  const full = (path: string): string => new URL(path, app.config.siteUrl).href;
  const asked = new URLSearchParams({ ...(category && { kategori: category }), ...(id && { udbud: id }) });
  const name = id !== null && only ? t.titleOf(inLanguage(only, 'title', lang)) : t.title + (title ? ` (${title})` : '');
  const body = tenderCalendar(tenders, {
    lang,
    name: `${frame.owner.name[lang]}: ${name}`,
    owner: frame.owner.name[lang],
    siteUrl: app.config.siteUrl,
    self: full(pathTo('tenderCalendar', lang)) + (asked.size > 0 ? `?${asked}` : ''),
    page: full(id === null ? pathTo('tenders', lang) : pathTo('tender', lang, { id })),
    now,
  });
  return new Response(body, { headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'public, max-age=300' } });
});
