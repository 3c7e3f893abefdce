import { cvrFits } from '../agreements/cvr.ts';
import { readQuarter } from './reading/days.ts';
import type { Asked } from './register.ts';

export type AskedName = 'supplier' | 'agreement' | 'period';

/** Reads what the sender says the return is of. An empty text says nothing; what cannot be right is a fault. */
export function readAsked(typed: Readonly<Record<AskedName, string | null | undefined>>): { readonly asked: Asked; readonly faults: readonly AskedName[] } {
  const [supplier, agreement, period] = [typed.supplier?.replace(/\s/g, '') ?? '', typed.agreement?.trim() ?? '', typed.period?.trim() ?? ''];
  const quarter = readQuarter(period)?.quarter;
  const faults: AskedName[] = [];
  if (supplier !== '' && !cvrFits(supplier)) faults.push('supplier');
  if (agreement.length > 60 || /\p{Cc}/u.test(agreement)) faults.push('agreement');
  if (period !== '' && quarter === undefined) faults.push('period');
  return { asked: { supplier: supplier || undefined, agreement: agreement || undefined, period: quarter }, faults };
}
