import { formatDeadline, formatPeriod } from '../../i18n/format.ts';
import { inLanguage, type Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import { type CalendarEvent, writeCalendar } from '../../platform/calendar/write.ts';
import { firstDayOf } from '../plan/quarter.ts';
import { phaseAt } from '../tender.ts';
import type { CalendarTender } from './calendar-rows.ts';
import { feedMessages } from './messages.ts';

export interface CalendarContext {
  readonly lang: Language;
  /** The name of the calendar, and whose it is. */
  readonly name: string;
  readonly owner: string;
  readonly siteUrl: URL;
  /** The calendar's own address, and the page it follows. */
  readonly self: string;
  readonly page: string;
  readonly now: Date;
}

/** Days before a deadline on which the calendar reminds. */
const reminders = [7, 1] as const;

/**
 * Deadlines of tenders as a calendar. Each date of a tender is an event of its own whose UID stays as long as the tender does;
 * SEQUENCE is the tender's version. Moments are written in UTC, which every calendar shows in its reader's time: the hour that
 * comes twice in October cannot be told apart in local time, even with a VTIMEZONE.
 */
export function tenderCalendar(tenders: readonly CalendarTender[], context: CalendarContext): string {
  return writeCalendar(
    { ...context, product: feedMessages.da.title },
    tenders.flatMap((tender) => eventsOf(tender, context)),
  );
}

function eventsOf(tender: CalendarTender, { lang, siteUrl, now }: CalendarContext): CalendarEvent[] {
  const t = feedMessages[lang];
  const title = inLanguage(tender, 'title', lang);
  const href = new URL(pathTo('tender', lang, { id: tender.id }), siteUrl).href;
  const phase = phaseAt(tender, now);
  const events: CalendarEvent[] = [];
  const add = (kind: string, summary: string, lines: readonly (string | false | null)[], when: Pick<CalendarEvent, 'start' | 'alarms'>, tentative = false): void => {
    const cancelled = tender.is_cancelled;
    events.push({
      ...when,
      uid: `${kind}.${tender.id}@${siteUrl.hostname}`,
      sequence: tender.version,
      changedAt: tender.updated_at,
      summary: cancelled ? t.cancelled(summary) : summary,
      description: [cancelled && t.cancelledText, ...lines, inLanguage(tender, 'summary', lang), `${t.read}: ${href}`].filter(Boolean).join('\n\n'),
      url: href,
      status: cancelled ? 'cancelled' : tentative ? 'tentative' : 'confirmed',
    });
  };

  if (tender.dialogue) {
    const { on, text, url } = tender.dialogue;
    add('dialogue', t.dialogue(title), [text[lang] || text.da, url], { start: on });
  }
  if (!tender.closes_at && tender.expected_quarter && !tender.awarded_on) {
    const quarter = formatPeriod(tender.expected_quarter, lang);
    add('planned', t.planned(quarter, title), [t.expected(quarter)], { start: firstDayOf(tender.expected_quarter) }, true);
  }
  if (tender.questions_until) add('questions', t.questions(title), [t.time(formatDeadline(tender.questions_until, lang))], { start: tender.questions_until });
  if (tender.closes_at) {
    const summary = (tender.by_request ? t.requests : t.deadline)(title);
    const lotsEarlier = tender.first_lot_closes !== null && new Date(tender.first_lot_closes) < tender.closes_at;
    const alarms = phase === 'open' ? reminders.map((daysBefore) => ({ daysBefore, text: t.alarm(daysBefore, summary) })) : [];
    const lines = [t.time(formatDeadline(tender.closes_at, lang)), lotsEarlier && t.lotsEarlier, tender.submit_url && `${t.material}: ${tender.submit_url}`];
    add('deadline', summary, lines, { start: tender.closes_at, alarms });
  }
  return events;
}
