import type { Actor } from '../../identity/actor.ts';
import { asKeeper } from '../../identity/keeper.ts';
import type { Db } from '../../platform/db.ts';

/** What staff see of the register: drafts, what is on the site, and lists that were brought in. Four queries. */
export function registerFor(db: Db, actor: Actor, q: string) {
  return asKeeper(db, actor, async (tx) => {
    const like = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
    const rows = tx.selectFrom('agreement').where((eb) => eb.or([eb('number', 'ilike', like), eb('title_da', 'ilike', like)]));
    return {
      drafts: await tx.selectFrom('agreement_draft').selectAll().orderBy('saved_at', 'desc').execute(),
      agreements: await rows.select(['number', 'title_da', 'ends_on', 'withdrawn_at', 'updated_at']).orderBy('updated_at', 'desc').orderBy('number').limit(100).execute(),
      total: (await rows.select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n,
      imports: await tx.selectFrom('agreement_import').selectAll().orderBy('number', 'desc').limit(20).execute(),
    };
  });
}

export type StaffRegister = Awaited<ReturnType<typeof registerFor>>;

/** How the columns of a list with this header were read last time; null when it is new. */
export function rememberedMapping(db: Db, actor: Actor, header: string) {
  return asKeeper(db, actor, async (tx) => (await tx.selectFrom('import_mapping').select('mapping').where('header', '=', header).executeTakeFirst())?.mapping ?? null);
}
