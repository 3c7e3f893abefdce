import { today as todayOf } from '../../platform/clock.ts';
import { csvStream } from '../../spreadsheet/write.ts';
import { categoryAsked } from '../../tenders/feeds/category.ts';
import { forecast } from '../../tenders/plan/forecast.ts';
import { planMessages } from '../../tenders/plan/messages.ts';
import { mostInTable, planRows } from '../../tenders/plan/queries.ts';
import { planTable } from '../../tenders/plan/table.ts';
import { fileStream, machine, problem } from '../../web/machine.ts';

/** The rows of the procurement plan as a table, of all goods or of one category. */
export const ALL = machine(async (context) => {
  const { app, content, lang } = context.locals;
  const { category, faults } = categoryAsked(context.url.searchParams, content.categories, lang);
  if (faults.length > 0) return problem(context, 'bad-parameter', faults);
  const today = todayOf(app.clock);
  const { agreements, tenders } = await planRows(app.db, today, category, mostInTable);
  const categories = new Map(content.categories.flatMap(({ children }) => children.map(({ id, title }) => [id, title[lang]] as const)));
  const { head, rows } = planTable(forecast(agreements, tenders, { today, at: app.clock.now() }), { today, lang, siteUrl: app.config.siteUrl, categories });
  return fileStream(csvStream(head, rows), 'text/csv; charset=utf-8', `${planMessages[lang].file}-${today}.csv`);
});
