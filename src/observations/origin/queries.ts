import { sql } from 'kysely';
import type { Actor } from '../../identity/actor.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { isUuid } from '../../platform/uuid.ts';
import type { Observed } from '../observed.ts';

/** Whose figures: those of a case, or of a receipt. */
export type Whose = { readonly obligationId: string } | { readonly submissionId: string };

function figures(tx: Tx, whose: Whose) {
  const rows = tx.selectFrom('observation as o').select(['o.indicator', 'o.type', 'o.period', 'o.year', 'o.value', 'o.supplier_id', 'o.openness']);
  return 'obligationId' in whose ? rows.where('o.obligation_id', '=', whose.obligationId) : rows.where('o.submission_id', '=', whose.submissionId);
}

/** The figures of a case or receipt that row-level security shows to the actor. */
export function figuresBehind(db: Db, actor: Actor, whose: Whose) {
  if (!isUuid('obligationId' in whose ? whose.obligationId : whose.submissionId)) return Promise.resolve([]);
  return asAccount(db, actor.accountId, (tx) => figures(tx, whose).execute());
}

export type KeptFigure = Awaited<ReturnType<typeof figuresBehind>>[number];

/** Lines that count in a figure: those whose cell in a column (counted from 1) is filled in, or says `wanted`; all of them without a column. */
export interface Counting {
  readonly column: number | null;
  readonly wanted: string | null;
}

const linesShown = 100;

/** Where a figure comes from: what was filed, and of a return the lines that counted, 100 after a line of the file. Undefined when there is none for this actor. */
export async function originOf(db: Db, actor: Actor, whose: Whose, indicator: string, countingOf: (type: string, source: Observed) => Counting, after: number) {
  if (!isUuid('obligationId' in whose ? whose.obligationId : whose.submissionId)) return undefined;
  return asAccount(db, actor.accountId, async (tx) => {
    const figure = await figures(tx, whose)
      .innerJoin('submission as s', 's.id', 'o.submission_id')
      .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
      .innerJoin('supplier as p', 'p.id', 'o.supplier_id')
      .select(['o.obligation_id', 'o.submission_id', 'o.source', 'o.latest', 'o.return_file_id', 'o.accepted_at', 's.answers', 's.receipt_number', 's.submitted_at'])
      .select(['a.number', 'a.title_da', 'a.title_en', 'p.name as supplier', 'p.cvr'])
      .where('o.indicator', '=', indicator)
      .executeTakeFirst();
    if (!figure) return undefined;
    const source = figure.source as unknown as Observed;
    const lines = 'lines' in source && figure.return_file_id ? await countedLines(tx, figure.return_file_id, countingOf(figure.type, source), after) : null;
    return { ...figure, source, lines };
  });
}

export type Origin = NonNullable<Awaited<ReturnType<typeof originOf>>>;

async function countedLines(tx: Tx, file: string, { column, wanted }: Counting, after: number) {
  const { rows } = await sql<{ line: number; cells: (string | null)[] }>`select * from counted_lines(${file}, ${column}, ${wanted}, ${after}, ${linesShown + 1})`.execute(tx);
  const { rows: counts } = await sql<{ count: number; before: number }>`
    select counted_line_count(${file}, ${column}, ${wanted}, null) as count, counted_line_count(${file}, ${column}, ${wanted}, ${after}) as before`.execute(tx);
  const shown = rows.slice(0, linesShown);
  return { shown, count: counts[0]?.count ?? 0, before: after > 0 ? (counts[0]?.before ?? 0) : 0, more: rows.length > linesShown };
}
