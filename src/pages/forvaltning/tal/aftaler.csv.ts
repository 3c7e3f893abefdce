import type { APIContext } from 'astro';
import { attachmentHeader } from '../../../documents/kind.ts';
import { mayReadCases } from '../../../identity/actor.ts';
import { observationMessages } from '../../../observations/messages.ts';
import { tableRows } from '../../../observations/staff/totals.ts';
import { today } from '../../../platform/clock.ts';
import { csvStream } from '../../../spreadsheet/write.ts';

/** All figures by agreement and year, for staff who read cases. */
export function GET({ locals: { app, actor, lang } }: APIContext): Response {
  if (!mayReadCases(actor)) return new Response(null, { status: 404 });
  const { columns, file } = observationMessages[lang];
  const head = [columns.agreement, columns.title, columns.indicator, columns.label, columns.year, columns.value, columns.unit, columns.deliveries];
  const name = `${file}-${today(app.clock)}.csv`;
  return new Response(csvStream(head, tableRows(app.db, actor, app.content.current().indicators, lang)), {
    headers: { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': attachmentHeader(name), 'cache-control': 'private, no-store' },
  });
}
