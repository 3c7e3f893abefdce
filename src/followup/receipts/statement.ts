import type { Filed } from '../../documents/receipts/issue.ts';
import type { Municipality } from '../../municipality/municipality.ts';
import { danishInstant } from '../../platform/clock.ts';
import type { ObligationTypes } from '../obligation-type.ts';

/** A filing as its rows tell it. */
export interface FiledRows {
  readonly receiptNumber: string;
  readonly round: number;
  readonly submittedBy: string;
  readonly submittedAt: Date;
  readonly type: string;
  readonly requirement_id: string;
  readonly period: string | null;
  readonly lot: string | null;
  readonly due_on: string;
  readonly agreement: { readonly number: string; readonly title_da: string; readonly title_en: string };
  readonly supplier: { readonly name: string; readonly cvr: string };
  readonly files: readonly { readonly name: string; readonly size_bytes: number; readonly sha256: string }[];
}

/** What a receipt says of a filing. */
export function statementOf(rows: FiledRows, municipality: Municipality, types: ObligationTypes): Filed['statement'] {
  const { agreement, supplier } = rows;
  return {
    number: rows.receiptNumber,
    municipality: { name: municipality.name, cvr: municipality.cvr },
    supplier: { name: supplier.name, cvr: supplier.cvr },
    obligation: {
      type: rows.type,
      title: types.get(rows.type)?.title ?? { da: rows.type, en: rows.type },
      requirement: rows.requirement_id,
      period: rows.period,
      ...(rows.lot !== null && { lot: rows.lot }),
      dueOn: rows.due_on,
    },
    agreement: { number: agreement.number, title: { da: agreement.title_da, en: agreement.title_en || agreement.title_da } },
    round: rows.round,
    submittedBy: rows.submittedBy,
    submittedAt: rows.submittedAt.toISOString(),
    submittedAtDanish: danishInstant(rows.submittedAt),
    files: rows.files.map(({ name, size_bytes, sha256 }) => ({ name, sizeBytes: Number(size_bytes), sha256 })),
  };
}
