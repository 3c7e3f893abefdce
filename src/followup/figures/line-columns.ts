import { formatOere } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import type { Observed } from '../../observations/observed.ts';
import type { Counting } from '../../observations/origin/queries.ts';
import { followupMessages } from '../messages.ts';
import { type ObligationType, type TableColumn, tableOf } from '../obligation-type.ts';

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

function cellWords({ type, options = [] }: TableColumn, cell: string | null, lang: Language): string {
  if (cell === null || cell === '') return '';
  if (type === 'money') return formatOere(Math.round(Number(cell) * 100), lang);
  if (type === 'yes-no') return cell === 'true' ? followupMessages[lang].yes : followupMessages[lang].no;
  const labelOf = (value: string): string => options.find((option) => option.value === value)?.label[lang] ?? value;
  return type === 'enum' ? cell.split('|').map(labelOf).join(', ') : cell;
}
