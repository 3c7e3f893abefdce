import { formatAmount, formatDate, formatNumber } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { followupMessages } from '../messages.ts';
import type { TableColumn } from '../table.ts';

/** A kept cell as people write it, its unit left to the label of its column: numbers with a comma in Danish, days written out, choices and yes or no in words. Empty when nothing stands in it. */
export function cellWords({ type, options = [] }: TableColumn, cell: string | null | undefined, lang: Language): string {
  if (cell === null || cell === undefined || cell === '') return '';
  const labelOf = (value: string): string => options.find((option) => option.value === value)?.label[lang] ?? value;
  switch (type) {
    case 'money':
      return formatAmount(Number(cell), lang);
    case 'percent':
    case 'number':
      return formatNumber(Number(cell), lang);
    case 'date':
      return formatDate(cell, lang);
    case 'yes-no':
      return cell === 'true' ? followupMessages[lang].yes : followupMessages[lang].no;
    case 'enum':
      return cell.split('|').map(labelOf).join(', ');
    default:
      return cell;
  }
}
