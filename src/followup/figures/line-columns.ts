import type { Language } from '../../i18n/language.ts';
import type { Observed } from '../../observations/observed.ts';
import type { Counting } from '../../observations/origin/queries.ts';
import { type ObligationType, tableOf } from '../obligation-type.ts';
import { cellWords } from '../views/cell-words.ts';

/** Which kept lines of a return count in a figure, as src/returns/totals.ts adds them up. */
export function countingIn(type: ObligationType, source: Observed): Counting {
  const table = tableOf(type);
  const totals = table?.checks.totals;
  const of = 'lines' in source ? source.lines : 'total';
  const key = of === 'ecolabel' ? totals?.ecolabel : of === 'offContract' ? totals?.onContract : undefined;
  const place = table?.columns.findIndex((column) => column.key === key) ?? -1;
  return { column: place < 0 ? null : place + 1, wanted: of === 'offContract' ? 'false' : null };
}

/** What of a line tells a reader which it is and why it counts: the amount, what the sums look at, and its required words. */
export function lineColumns(type: ObligationType, lang: Language): { header: string; shown: (cells: readonly (string | null)[]) => string; number: boolean }[] {
  const table = tableOf(type);
  const totals = table?.checks.totals;
  if (!table || !totals) return [];
  const keys = [totals.amount, totals.onContract, totals.ecolabel, ...table.columns.filter(({ type: kind, required }) => kind === 'text' && required).map(({ key }) => key)];
  const columns = keys.flatMap((key) => table.columns.flatMap((column, place) => (column.key === key ? [{ column, place }] : [])));
  return columns.map(({ column, place }) => ({
    header: column.label[lang],
    number: column.key === totals.amount,
    shown: (cells) => cellWords(column, cells[place] ?? null, lang),
  }));
}
