import type { TableField } from '../followup/obligation-type.ts';
import type { CellValue } from './reading/cells.ts';

/** Money in whole øre without VAT, of the lines whose amounts can be read. */
export interface Totals {
  readonly totalOere: number;
  readonly ecolabelOere: number;
  /** Of the total, with two decimals; null where there is no total to be a part of. */
  readonly ecolabelPct: number | null;
  readonly offContractOere: number;
  readonly uniqueGln: number;
  readonly currency: 'DKK';
}

/** Adds lines up. */
export function totalsOf({ columns, checks }: TableField): { add(values: readonly CellValue[]): void; sum(): Totals } {
  const at = (key: string | undefined): number => columns.findIndex((column) => column.key === key);
  const [amountAt, ecolabelAt, onContractAt, buyerAt] = [at(checks.totals?.amount), at(checks.totals?.ecolabel), at(checks.totals?.onContract), at(checks.totals?.buyer)];
  const buyers = new Set<CellValue>();
  let totalOere = 0;
  let ecolabelOere = 0;
  let offContractOere = 0;
  return {
    add(values) {
      const buyer = values[buyerAt];
      if (typeof buyer === 'string') buyers.add(buyer);
      const amount = values[amountAt];
      if (typeof amount !== 'number') return;
      const oere = Math.round(amount * 100);
      totalOere += oere;
      if (values[ecolabelAt]) ecolabelOere += oere;
      if (values[onContractAt] === false) offContractOere += oere;
    },
    sum: () => ({
      totalOere,
      ecolabelOere,
      ecolabelPct: totalOere === 0 ? null : Math.round((ecolabelOere / totalOere) * 10_000) / 100,
      offContractOere,
      uniqueGln: buyers.size,
      currency: 'DKK',
    }),
  };
}
