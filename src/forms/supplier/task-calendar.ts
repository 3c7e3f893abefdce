import type { AstroGlobal } from 'astro';
import { makeCalendar, removeCalendar, replaceCalendar } from '../../followup/calendar/keep.ts';
import { pathTo } from '../../i18n/routes.ts';

/** Makes, replaces or removes the private address of the calendar; resolves to where to go. */
export async function changeTaskCalendar({ locals: { app, actor, lang } }: Pick<AstroGlobal, 'locals'>, intent: string): Promise<string> {
  const page = pathTo('supplierSettings', lang);
  const now = app.clock.now();
  switch (intent) {
    case 'make':
      await makeCalendar(app.db, actor, now);
      return `${page}?gjort=lavet`;
    case 'replace':
      await replaceCalendar(app.db, actor, now);
      return `${page}?gjort=ny`;
    case 'remove':
      await removeCalendar(app.db, actor);
      return `${page}?gjort=fjernet`;
    default:
      return page;
  }
}
