import type { Reader } from '../platform/db.ts';

/** All tenders, those with the nearest deadline or quarter first. One query. */
export function tenders(db: Reader) {
  return db.selectFrom('tender').selectAll().orderBy('deadline_at').orderBy('expected_quarter').orderBy('id').execute();
}

/** Undefined when there is no tender of that id. One query. */
export function tenderById(db: Reader, id: string) {
  return db
    .selectFrom('tender as t')
    .leftJoin('agreement as a', 'a.number', 't.replaces_number')
    .selectAll('t')
    .select(['a.title_da as replaces_da', 'a.title_en as replaces_en'])
    .where('t.id', '=', id)
    .executeTakeFirst();
}

export type Tender = Awaited<ReturnType<typeof tenders>>[number];
export type WholeTender = NonNullable<Awaited<ReturnType<typeof tenderById>>>;
