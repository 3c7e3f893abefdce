import type { Content } from '../content/content.ts';
import type { ContentStore } from '../content/store.ts';
import { pathTo } from '../i18n/routes.ts';
import { type Clock, today } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import type { ListContext } from './lists/list.ts';
import type { OcdsContext } from './ocds/release.ts';

/** What a release needs to know beyond the agreement itself, from the editors' content. */
export function ocdsContext({ municipality, da, types }: Content, siteUrl: URL): OcdsContext {
  const requirements = new Map(da.requirements.map((requirement) => [requirement.id, requirement]));
  return {
    owner: municipality,
    siteUrl,
    policyUrl: new URL(pathTo('data', 'da'), siteUrl).href,
    requirement: (id) => requirements.get(id),
    typeTitle: (id) => types.get(id)?.title.da ?? id,
  };
}

/** What the lists are read from, at this moment. */
export function listContext({ db, content, config, clock }: { db: Db; content: Pick<ContentStore, 'current'>; config: { siteUrl: URL }; clock: Clock }): ListContext {
  return { db, content: content.current(), siteUrl: config.siteUrl, now: clock.now(), today: today(clock) };
}
