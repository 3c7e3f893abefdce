import { Readable } from 'node:stream';
import { sql } from 'kysely';
import type { Tx } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';
import { tenderContentSchema } from '../content.ts';
import type { NoticeFault } from '../eforms/messages.ts';
import type { Notice } from '../eforms/notice.ts';
import { organisationOf } from '../eforms/organisations.ts';
import { readNotice } from '../eforms/read.ts';
import { publishTender, type TenderNews, type TenderPublication } from '../publish.ts';
import { tenderFrom } from './fold.ts';

/** The largest notice that is read, in bytes: the reader's own limit. */
export const largestNotice = 20 * 1024 * 1024;

export interface Receiving extends TenderPublication {
  readonly files: Files;
  /** CVR of the municipality: others' notices are no tenders of ours. */
  readonly cvr: string;
  /** Take a notice whose buyer is somebody else, as when another municipality tenders for all. */
  readonly anyBuyer: boolean;
  readonly byName: string;
  /** The day in Denmark, for what is withheld until one. */
  readonly today: string;
}

/** What became of a file. */
export type Received =
  | { readonly kind: 'taken'; readonly notice: Notice; readonly tenderId: string | null; readonly news: TenderNews | null }
  | { readonly kind: 'known'; readonly notice: Notice; readonly tenderId: string | null }
  | { readonly kind: 'refused'; readonly faults: readonly NoticeFault[] }
  | { readonly kind: 'other-content' | 'not-ours'; readonly notice: Notice };

/**
 * Takes one notice in, in the caller's transaction: kept as received, and its procedure told anew from all of its notices,
 * in whatever order they came. The same notice again changes nothing.
 */
export async function receiveNotice(tx: Tx, file: { readonly name: string; readonly bytes: Uint8Array }, receiving: Receiving): Promise<Received> {
  const read = readNotice(file.bytes);
  if (!read.ok) return { kind: 'refused', faults: read.faults };
  const { notice } = read;
  const cvrs = buyersOf(notice);
  if (!receiving.anyBuyer && !cvrs.includes(receiving.cvr)) return { kind: 'not-ours', notice };
  const stored = await receiving.files.receive(Readable.from([file.bytes]), largestNotice);
  if (stored === 'too-large') throw new Error('the reader takes no notice of this size');

  // Two notices of one procedure that come in at once are told one after the other.
  await sql`select pg_advisory_xact_lock(hashtextextended(${notice.procedureId ?? notice.id}, 5))`.execute(tx);
  const known = await tx.selectFrom('notice').select(['sha256', 'tender_id']).where('id', '=', notice.id).where('version', '=', notice.version).executeTakeFirst();
  if (known) return known.sha256 === stored.sha256 ? { kind: 'known', notice, tenderId: known.tender_id } : { kind: 'other-content', notice };
  await tx
    .insertInto('notice')
    .values({
      id: notice.id,
      version: notice.version,
      procedure_id: notice.procedureId ?? null,
      subtype: notice.subtype,
      kind: notice.kind,
      buyer_cvrs: cvrs,
      title: Object.values(notice.procedure.title ?? {})[0] ?? notice.id,
      publication_number: notice.publication.number ?? null,
      dispatched_on: notice.dispatched.date,
      content: JSON.stringify(notice),
      sha256: stored.sha256,
      file_name: file.name.slice(0, 200),
      received_at: receiving.now,
      received_by: receiving.by,
      received_by_name: receiving.byName,
      tender_id: await tenderOf(tx, notice),
    })
    .execute();
  const news = await tellAnew(tx, notice, receiving);
  return { kind: 'taken', notice, ...news };
}

/** The tender that a notice belongs to, where there is one: by its procedure, or by the planning notice that it names. */
async function tenderOf(tx: Tx, notice: Notice): Promise<string | null> {
  const named = [...notice.procedure.previousNotices, ...notice.lots.flatMap(({ previousNotices }) => previousNotices), ...(notice.change ? [{ id: notice.change.noticeId }] : [])];
  // Named by id, by id and version, or by the number of its publication.
  const before = named.flatMap(({ id }) => [id, id.replace(/^([0-9a-f-]{36})-\d{2}$/i, '$1')]);
  const { rows } = await sql<{ tender_id: string }>`
    select tender_id from notice where tender_id is not null and ((procedure_id = ${notice.procedureId ?? null}) or id = any (${[notice.id, ...before]}::text[]) or publication_number = any (${before}::text[]))
    order by procedure_id is not distinct from ${notice.procedureId ?? null} desc limit 1`.execute(tx);
  return rows[0]?.tender_id ?? null;
}

async function tellAnew(tx: Tx, notice: Notice, publication: TenderPublication & { readonly today: string }): Promise<{ tenderId: string | null; news: TenderNews | null }> {
  const tenderId = await tenderOf(tx, notice);
  const rows = await tx
    .selectFrom('notice')
    .select(['id', 'version', 'content'])
    .where((eb) =>
      eb.or([...(tenderId ? [eb('tender_id', '=', tenderId)] : []), ...(notice.procedureId ? [eb('procedure_id', '=', notice.procedureId)] : []), eb('id', '=', notice.id)]),
    )
    .execute();
  const existing = tenderId ? await tx.selectFrom('tender').select('content').where('id', '=', tenderId).executeTakeFirst() : undefined;
  const before = existing ? tenderContentSchema.parse(existing.content) : null;
  const content = tenderFrom(
    rows.map((row) => row.content as unknown as Notice),
    before ? { id: before.id, requirements: before.requirements, replaces: before.replaces, dialogue: before.dialogue } : {},
    publication.today,
  );
  if (!content) return { tenderId: null, news: null };
  const news = await publishTender(tx, content, publication);
  await tx
    .updateTable('notice')
    .set({ tender_id: content.id })
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute();
  return { tenderId: content.id, news };
}

/** Shows what was withheld until a day that has come. Returns the tenders that say more now. Running twice changes nothing more. */
export async function showWithheld(tx: Tx, publication: TenderPublication & { readonly today: string }): Promise<string[]> {
  const { rows } = await sql<{ content: Notice }>`
    select distinct on (n.tender_id) n.content from tender t join notice n on n.tender_id = t.id
    where exists (select from jsonb_array_elements(t.content->'withheld') w where w->>'until' <= ${publication.today}) order by n.tender_id`.execute(tx);
  const told: string[] = [];
  for (const { content } of rows) {
    const { news } = await tellAnew(tx, content, publication);
    if (news) told.push(news.content.id);
  }
  return told;
}

/** CVR numbers of the buyers, also where a contact point of the organisation is named. */
function buyersOf(notice: Notice): string[] {
  return [...new Set(notice.buyers.flatMap(({ ref }) => organisationOf(notice.organisations, ref)?.cvr ?? []))];
}
