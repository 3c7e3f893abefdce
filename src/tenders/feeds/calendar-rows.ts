import { sql } from 'kysely';
import { addDays, dateOf } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';

/** How long a tender stays in the calendar after its deadline, and after it was cancelled, so that calendars which fetch seldom learn of it. */
export const daysAfterClosing = 90;
export const daysAfterCancelling = 60;
const most = 1_000;

/** What the calendar shows of a tender. */
export interface CalendarTender {
  readonly id: string;
  readonly version: number;
  readonly updated_at: Date;
  readonly title_da: string;
  readonly title_en: string;
  readonly summary_da: string;
  readonly summary_en: string;
  readonly closes_at: Date | null;
  readonly questions_until: Date | null;
  readonly expected_quarter: string | null;
  readonly awarded_on: string | null;
  readonly is_cancelled: boolean;
  readonly submit_url: string | null;
  /** The deadline is for asking to take part. */
  readonly by_request: boolean;
  readonly dialogue: { readonly on: string; readonly text: { readonly da: string; readonly en: string }; readonly url: string | null } | null;
  /** The earliest deadline of a lot. */
  readonly first_lot_closes: string | null;
}

/**
 * Tenders for the calendar: those that are planned and open, that closed or were cancelled lately, of all goods or of one
 * category; or one tender, whenever it was. One query.
 */
export async function calendarRows(db: Db, now: Date, { category = null, id = null }: { category?: string | null; id?: string | null } = {}): Promise<CalendarTender[]> {
  const today = dateOf(now);
  const { rows } = await sql<CalendarTender>`
    select t.id, t.version, t.updated_at, t.title_da, t.title_en, t.summary_da, t.summary_en, t.closes_at, t.questions_until, t.expected_quarter, t.awarded_on, t.is_cancelled, t.submit_url,
      t.content->>'requestsUntil' is not null as by_request, nullif(t.content->'dialogue', 'null') as dialogue,
      (select min(lot->>'deadlineAt') from jsonb_array_elements(coalesce(t.content->'lots', '[]')) lot) as first_lot_closes
    from tender t
    where (${category}::text is null or t.category = ${category})
      and case when ${id}::text is not null then t.id = ${id}
        when t.is_cancelled then t.content->'cancelled'->>'on' >= ${addDays(today, -daysAfterCancelling)}
        when t.closes_at is null then t.awarded_on is null
        else t.closes_at >= ${new Date(now.getTime() - daysAfterClosing * 86_400_000)} end
    order by t.closes_at desc, t.id limit ${most}`.execute(db);
  return rows;
}
