import type { Row } from '../../spreadsheet/read.ts';
import type { AgreementContent } from '../content.ts';
import { cvrFits } from '../cvr.ts';
import type { ColumnField, Mapping } from './columns.ts';
import type { Names } from './names.ts';
import type { CellFault } from './row.ts';
import { readCvr } from './values.ts';

type Suppliers = AgreementContent['suppliers'];

export interface SupplierContext {
  readonly mapping: Mapping;
  readonly acceptCvr: boolean;
  readonly names: Names;
  /** Those that the agreement has on the site. */
  readonly before: Suppliers;
  readonly wrong: (field: ColumnField, code: CellFault, found: string, line: number) => unknown;
}

/** The suppliers of the lines of one agreement, in their order; none where no line names any. Tells `wrong` the first fault of each line. */
export function readSuppliers(rows: readonly Row[], { mapping, acceptCvr, names: called, before, wrong }: SupplierContext): Suppliers {
  const known = new Map(before.map((supplier) => [supplier.cvr, supplier]));
  const suppliers: Suppliers = [];
  for (const row of rows) {
    const at = (field: ColumnField): string => row.cells[mapping[field] ?? -1]?.text ?? '';
    const fault = (code: CellFault, found: string): unknown => wrong('supplierCvr', code, found, row.line);
    const { names, cvrs, towns } = inParallel(at('supplierName'), at('supplierCvr'), at('supplierTown'));
    if (names.length === 0 && cvrs.length === 0) continue;
    if (cvrs.length === 0) fault('cvr-missing', names.join(' | '));
    else if (names.length > 0 && names.length !== cvrs.length) fault('cvr-count', cvrs.join(' | '));
    else {
      for (const [place, cell] of cvrs.entries()) {
        const cvr = readCvr(cell);
        const said = names[place] ?? '';
        const was = known.get(cvr ?? '');
        // What stands in no line is as the site has it.
        const name = said || called.get(cvr ?? '')?.name || was?.name || '';
        const town = towns[place] || (was ?? called.get(cvr ?? ''))?.town || '';
        if (cell === '' && said !== '') fault('cvr-missing', said);
        else if (cvr === null) fault('cvr-wrong', cell);
        else if (!cvrFits(cvr) && !acceptCvr) fault('cvr-check', cvr);
        else if (name === '') wrong(mapping.supplierName === undefined ? 'supplierCvr' : 'supplierName', 'supplier-name-missing', cvr, row.line);
        else {
          if (said !== '') called.set(cvr, { name, town });
          suppliers.push({ cvr, name, town, consortium: was?.consortium ?? '' });
          continue;
        }
        break;
      }
    }
  }
  return suppliers;
}

/** What stands in three cells beside each other. A place that is empty in one of them counts, so that a town stays with its supplier. */
function inParallel(...cells: [names: string, cvrs: string, towns: string]): Record<'names' | 'cvrs' | 'towns', string[]> {
  const places = cells.map((cell) => (cell.trim() === '' ? [] : cell.split(/[|\n]/).map((part) => part.trim())));
  const [names = [], cvrs = []] = places;
  const isTold = names.length === 0 || cvrs.length === 0 || names.length === cvrs.length;
  // Where they cannot stand beside each other as written, blank lines between them may be why.
  const [a = [], b = [], c = []] = places.map((list) => list.filter((part, place) => (isTold ? Boolean(names[place] || cvrs[place]) : part !== '')));
  return { names: a, cvrs: b, towns: c };
}
