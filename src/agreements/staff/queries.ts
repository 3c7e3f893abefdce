import { sql } from 'kysely';
import type { Actor } from '../../identity/actor.ts';
import { asKeeper } from '../../identity/keeper.ts';
import type { Db, Tx } from '../../platform/db.ts';
import { cpvDivisions } from '../codes/lists.ts';
import { readCpv } from '../import/values.ts';
import { tallyOf } from '../register/counts.ts';
import type { Typed } from './form.ts';
import type { Known } from './read.ts';

/** Lines that are shown; who looks for another one searches. */
const mostShown = 100;
export type Place = 'site' | 'withdrawn';

/**
 * What staff see of the register: drafts, what is on the site or has been withdrawn, and lists that were brought in.
 * Five short queries however long the register is, one more where nothing is found.
 */
export async function registerFor(db: Db, actor: Actor, q: string, place: Place, today: string) {
  const { groups } = await tallyOf(db, today);
  return asKeeper(db, actor, async (tx) => {
    const agreements = await listed(tx, q, place).execute();
    const other: Place = place === 'site' ? 'withdrawn' : 'site';
    return {
      drafts: await tx.selectFrom('agreement_draft').selectAll().orderBy('saved_at', 'desc').execute(),
      agreements: agreements.slice(0, mostShown),
      hasMore: agreements.length > mostShown,
      isElsewhere: q !== '' && agreements.length === 0 && (await listed(tx, q, other).execute()).length > 0,
      totals: {
        site: groups.reduce((sum, [, , n]) => sum + n, 0),
        withdrawn: (
          await tx
            .selectFrom('agreement')
            .select((eb) => eb.fn.countAll<number>().as('n'))
            .where('withdrawn_at', 'is not', null)
            .executeTakeFirstOrThrow()
        ).n,
      },
      imports: await tx.selectFrom('agreement_import').selectAll().orderBy('number', 'desc').limit(20).execute(),
    };
  });
}

export type StaffRegister = Awaited<ReturnType<typeof registerFor>>;

/** The latest of them, and one more where there is more. With less than three characters, where a word begins so: that is the least that the index knows. */
export function listed(tx: Tx, q: string, place: Place) {
  const escaped = q.replace(/[\\%_]/g, '\\$&');
  return tx
    .selectFrom('agreement')
    .select(['number', 'title_da', 'ends_on', 'updated_at'])
    .where('withdrawn_at', place === 'site' ? 'is' : 'is not', null)
    .$if(q !== '', (rows) => rows.where(sql<boolean>`(' ' || number || ' ' || title_da) ilike ${q.length < 3 ? `% ${escaped}%` : `%${escaped}%`}`))
    .orderBy('updated_at', 'desc')
    .orderBy('number')
    .limit(mostShown + 1);
}

/** What the register and the table of codes say of a form; while that table is empty, the division of a code must exist. One query. */
export async function knownFor(db: Db, typed: Typed): Promise<Known> {
  const codes = readCpv(typed['cpv'] ?? '') ?? [];
  const predecessor = (typed['predecessor'] ?? '').trim();
  const { rows } = await sql<{ found: string[] | null; hasPredecessor: boolean }>`
    select case when exists (select from cpv_code) then array(select code from cpv_code where code = any (${codes}::text[])) end as found,
      exists (select from agreement where number = ${predecessor}) as "hasPredecessor"`.execute(db);
  const { found, hasPredecessor } = rows[0] as (typeof rows)[number];
  return { hasPredecessor, unknownCpv: codes.filter((code) => !(found ? found.includes(code) : cpvDivisions.has(code.slice(0, 2)))) };
}

/** How the columns of a list with this header were read last time; null when it is new. */
export function rememberedMapping(db: Db, actor: Actor, header: string) {
  return asKeeper(db, actor, async (tx) => (await tx.selectFrom('import_mapping').select('mapping').where('header', '=', header).executeTakeFirst())?.mapping ?? null);
}
