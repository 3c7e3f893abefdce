import type { AstroGlobal } from 'astro';
import { makeCalendar, removeCalendar, replaceCalendar } from '../../followup/calendar/keep.ts';
import { pathTo } from '../../i18n/routes.ts';
import { BrokenForm, readForm } from '../../web/form.ts';

/** Makes, replaces or removes the private address of the calendar; resolves to where to go. */
export async function postTaskCalendar({ request, locals: { app, actor, lang } }: Pick<AstroGlobal, 'request' | 'locals'>): Promise<string> {
  const { fields } = await readForm(request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return { fields: {} as Readonly<Record<string, string>> };
    throw error;
  });
  const page = pathTo('supplierSettings', lang);
  const now = app.clock.now();
  switch (fields['intent']) {
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
