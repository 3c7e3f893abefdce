import { sql } from 'kysely';
import type { Db, Reader } from '../platform/db.ts';
import type { Change } from './changes.ts';
import { tenderContentSchema } from './content.ts';

/** What lists show of a tender. */
const listed = [
  'id',
  'title_da',
  'title_en',
  'summary_da',
  'summary_en',
  'procedure',
  'kind_of_contract',
  'cpv_main',
  'category',
  'nuts',
  'marks',
  'is_reserved',
  'value_ore',
  'closes_at',
  'questions_until',
  'expected_quarter',
  'published_on',
  'is_cancelled',
  'awarded_on',
  'replaces_number',
  'requirement_ids',
  'submit_url',
  'updated_at',
] as const;

/** Tenders that are open at this moment, those that close first first. One query. */
export function openTenders(db: Reader, now: Date, limit: number) {
  return db
    .selectFrom('tender')
    .select(listed)
    .where('closes_at', '>', now)
    .where('is_cancelled', '=', false)
    .where('awarded_on', 'is', null)
    .orderBy('closes_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** All tenders by id, from the one after `after`. One query. */
export function tendersAfter(db: Reader, after: string, limit: number) {
  return db.selectFrom('tender').select(listed).where('id', '>', after).orderBy('id').limit(limit).execute();
}

/** A tender with everything that is public of it. Null when there is none of that id. Two queries. */
export async function tenderById(db: Db, id: string) {
  const row = await db.selectFrom('tender as t').selectAll('t').where('t.id', '=', id).executeTakeFirst();
  if (!row) return null;
  const content = tenderContentSchema.parse(row.content);
  const { rows } = await sql<{
    versions: Version[] | null;
    replaced: Linked[] | null;
    agreements: Linked[] | null;
    earlier: { id: string; title_da: string; title_en: string; awarded_on: string }[] | null;
  }>`
    select
      (select json_agg(json_build_object('number', v.number, 'reason', v.reason, 'note', v.note, 'changes', v.changes, 'at', v.published_at) order by v.number desc) from tender_version v where v.tender_id = ${id}) as versions,
      (select json_agg(json_build_object('number', a.number, 'title_da', a.title_da, 'title_en', a.title_en)) from agreement a where a.number = ${content.replaces} and a.withdrawn_at is null) as replaced,
      (select json_agg(distinct jsonb_build_object('number', a.number, 'title_da', a.title_da, 'title_en', a.title_en)) from agreement_notice n join agreement a on a.id = n.agreement_id
        where a.withdrawn_at is null and n.reference = any (${content.notices.flatMap(({ id: notice, reference }) => [notice, ...(reference ? [reference] : [])])}::text[])) as agreements,
      (select json_agg(json_build_object('id', e.id, 'title_da', e.title_da, 'title_en', e.title_en, 'awarded_on', e.awarded_on) order by e.awarded_on desc) from
        (select id, title_da, title_en, awarded_on from tender where category = ${row.category} and awarded_on is not null and id <> ${id} order by awarded_on desc limit 3) e) as earlier`.execute(
    db,
  );
  const found = rows[0];
  return {
    row,
    content,
    versions: (found?.versions ?? []).map((version) => ({ ...version, at: new Date(version.at) })),
    replaced: found?.replaced?.[0] ?? null,
    agreements: found?.agreements ?? [],
    /** What was bought last time of the same kind. */
    earlier: found?.earlier ?? [],
  };
}

interface Version {
  readonly number: number;
  readonly reason: 'planned' | 'opened' | 'changed' | 'cancelled' | 'awarded';
  readonly note: string;
  readonly changes: readonly Change[];
  readonly at: string | Date;
}
interface Linked {
  readonly number: string;
  readonly title_da: string;
  readonly title_en: string;
}

export type Tender = Awaited<ReturnType<typeof openTenders>>[number];
export type WholeTender = NonNullable<Awaited<ReturnType<typeof tenderById>>>;
