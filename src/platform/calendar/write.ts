import ical, { ICalAlarmType, ICalCalendarMethod, ICalEventBusyStatus, ICalEventStatus, ICalEventTransparency } from 'ical-generator';

/** A calendar that programs fetch again and again. */
export interface CalendarAbout {
  readonly lang: string;
  readonly name: string;
  /** Whose it is, and what it is called among theirs, whatever its language. */
  readonly owner: string;
  readonly product: string;
  /** Its own address; left out where that is a secret. */
  readonly self?: string;
  /** The page it follows. */
  readonly page: string;
}

export interface CalendarEvent {
  /** Lasts as long as what it is about. */
  readonly uid: string;
  /** Grows with each change. */
  readonly sequence: number;
  readonly changedAt: Date;
  readonly summary: string;
  readonly description: string;
  readonly url: string;
  readonly status: 'confirmed' | 'tentative' | 'cancelled';
  /** A moment, or a whole day as YYYY-MM-DD. */
  readonly start: Date | string;
  readonly alarms?: readonly { readonly daysBefore: number; readonly text: string }[];
}

/** How often calendars should fetch it anew, in seconds. */
const refresh = 3_600;
const statuses = { confirmed: ICalEventStatus.CONFIRMED, tentative: ICalEventStatus.TENTATIVE, cancelled: ICalEventStatus.CANCELLED } as const;

/** Deadlines as iCalendar (RFC 5545, RFC 7986). Moments are written in UTC, days as days. */
export function writeCalendar({ lang, name, owner, product, self, page }: CalendarAbout, events: readonly CalendarEvent[]): string {
  const calendar = ical({
    // The library escapes texts of events, but not these.
    name: escaped(name),
    prodId: { company: escaped(owner), product: escaped(product), language: lang },
    method: ICalCalendarMethod.PUBLISH,
    scale: 'gregorian',
    url: page,
    ttl: refresh,
    ...(self !== undefined && { source: self }),
  });
  for (const { uid, sequence, changedAt, summary, description, url, status, start, alarms = [] } of events)
    calendar.createEvent({
      start,
      allDay: typeof start === 'string',
      id: uid,
      sequence,
      stamp: changedAt,
      lastModified: changedAt,
      summary: printable(summary),
      description: printable(description),
      url,
      status: statuses[status],
      // A deadline takes nobody's time.
      transparency: ICalEventTransparency.TRANSPARENT,
      busystatus: ICalEventBusyStatus.FREE,
      alarms: alarms.map(({ daysBefore, text }) => ({ type: ICalAlarmType.display, triggerBefore: daysBefore * 86_400, description: printable(text) })),
    });
  // A line ends with CRLF, also the last one (RFC 5545 3.1).
  return `${calendar.toString()}\r\n`;
}

const escaped = (text: string): string =>
  printable(text)
    .replace(/[\\;,]/g, '\\$&')
    .replaceAll('\n', ' ');

/** Without control characters, which no text of a calendar may hold. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, '');
}
