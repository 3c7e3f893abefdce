import ical, { ICalAlarmType, type ICalCalendar, ICalCalendarMethod, ICalEventBusyStatus, type ICalEventData, ICalEventStatus, ICalEventTransparency } from 'ical-generator';
import { formatDeadline, formatPeriod } from '../../i18n/format.ts';
import { inLanguage, type Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
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
/** How often calendars should fetch it anew, in seconds. */
const refresh = 3_600;

/**
 * Deadlines of tenders as iCalendar (RFC 5545, RFC 7986). Each date of a tender is an event of its own whose UID stays as long as
 * the tender does; SEQUENCE is the tender's version. Moments are written in UTC, which every calendar shows in its reader's
 * time: the hour that comes twice in October cannot be told apart in local time, even with a VTIMEZONE.
 */
export function tenderCalendar(tenders: readonly CalendarTender[], context: CalendarContext): string {
  const { lang, name, owner, self, page } = context;
  const calendar = ical({
    // The library escapes texts of events, but not these.
    name: escaped(name),
    prodId: { company: escaped(owner), product: escaped(feedMessages.da.title), language: lang },
    method: ICalCalendarMethod.PUBLISH,
    scale: 'gregorian',
    source: self,
    url: page,
    ttl: refresh,
  });
  for (const tender of tenders) addEvents(calendar, tender, context);
  // A line ends with CRLF, also the last one (RFC 5545 3.1).
  return `${calendar.toString()}\r\n`;
}

function addEvents(calendar: ICalCalendar, tender: CalendarTender, { lang, siteUrl, now }: CalendarContext): void {
  const t = feedMessages[lang];
  const title = inLanguage(tender, 'title', lang);
  const href = new URL(pathTo('tender', lang, { id: tender.id }), siteUrl).href;
  const phase = phaseAt(tender, now);
  const add = (kind: string, summary: string, lines: readonly (string | false | null)[], when: Pick<ICalEventData, 'start' | 'allDay' | 'alarms'>, tentative = false): void => {
    const cancelled = tender.is_cancelled;
    const description = [cancelled && t.cancelledText, ...lines, inLanguage(tender, 'summary', lang), `${t.read}: ${href}`].filter(Boolean).join('\n\n');
    calendar.createEvent({
      ...when,
      id: `${kind}.${tender.id}@${siteUrl.hostname}`,
      sequence: tender.version,
      stamp: tender.updated_at,
      lastModified: tender.updated_at,
      summary: printable(cancelled ? t.cancelled(summary) : summary),
      description: printable(description),
      url: href,
      status: cancelled ? ICalEventStatus.CANCELLED : tentative ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
      // A deadline takes nobody's time.
      transparency: ICalEventTransparency.TRANSPARENT,
      busystatus: ICalEventBusyStatus.FREE,
    });
  };

  if (tender.dialogue) {
    const { on, text, url } = tender.dialogue;
    add('dialogue', t.dialogue(title), [text[lang] || text.da, url], { start: on, allDay: true });
  }
  if (!tender.closes_at && tender.expected_quarter && !tender.awarded_on) {
    const quarter = formatPeriod(tender.expected_quarter, lang);
    add('planned', t.planned(quarter, title), [t.expected(quarter)], { start: firstDayOf(tender.expected_quarter), allDay: true }, true);
  }
  if (tender.questions_until) add('questions', t.questions(title), [t.time(formatDeadline(tender.questions_until, lang))], { start: tender.questions_until });
  if (tender.closes_at) {
    const summary = (tender.by_request ? t.requests : t.deadline)(title);
    const lotsEarlier = tender.first_lot_closes !== null && new Date(tender.first_lot_closes) < tender.closes_at;
    const alarms = phase === 'open' ? reminders.map((days) => ({ type: ICalAlarmType.display, triggerBefore: days * 86_400, description: printable(t.alarm(days, summary)) })) : [];
    const lines = [t.time(formatDeadline(tender.closes_at, lang)), lotsEarlier && t.lotsEarlier, tender.submit_url && `${t.material}: ${tender.submit_url}`];
    add('deadline', summary, lines, { start: tender.closes_at, alarms });
  }
}

const escaped = (text: string): string =>
  printable(text)
    .replace(/[\\;,]/g, '\\$&')
    .replaceAll('\n', ' ');

/** Without control characters, which no text of a calendar may hold. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, '');
}
