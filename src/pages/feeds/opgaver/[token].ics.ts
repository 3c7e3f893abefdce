import { taskCalendar } from '../../../followup/calendar/feed.ts';
import { calendarTasks } from '../../../followup/calendar/rows.ts';
import { readCalendarToken } from '../../../followup/calendar/token.ts';
import { today } from '../../../platform/clock.ts';
import { machine, problem } from '../../../web/machine.ts';

const unlisted = { 'x-robots-tag': 'noindex' } as const;

/** A supplier's deadlines as a calendar, behind a private address. Forged, replaced and removed addresses are answered alike. */
export const ALL = machine(async (context) => {
  const { app, lang, frame } = context.locals;
  const key = readCalendarToken(app.config.secretKey, context.params['token'] ?? '');
  const tasks = key && (await calendarTasks(app.db, key, today(app.clock)));
  if (!tasks) return problem(context, 'not-found', [], unlisted);
  const body = taskCalendar(tasks, { lang, owner: frame.owner.name[lang], siteUrl: app.config.siteUrl, types: app.types });
  return new Response(body, { headers: { ...unlisted, 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'private, max-age=300' } });
});
