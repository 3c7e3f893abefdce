import { sql } from 'kysely';
import { pathTo } from '../../i18n/routes.ts';
import { requirementMessages } from '../../requirements/messages.ts';
import { several } from './agreements.ts';
import { openList } from './list.ts';
import { requirementItem } from './schemas.ts';

const { kind, area, rhythm } = requirementMessages.da;

/** The municipality's requirements in both languages, by id, each with the agreements on the site that carry it. */
export const requirementList = openList({
  name: 'requirements',
  schema: requirementItem,
  keyOf: ({ id }) => id,
  async read({ db, content, siteUrl }, after, limit) {
    const english = new Map(content.en.requirements.map((requirement) => [requirement.id, requirement]));
    const wanted = content.da.requirements
      .filter(({ id }) => after === null || id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit);
    const { rows } = await sql<{ id: string; agreements: string[] }>`
      select r.requirement_id as id, array_agg(a.number order by a.number) as agreements from agreement_requirement r join agreement a on a.id = r.agreement_id
      where a.withdrawn_at is null and r.requirement_id = any (${wanted.map(({ id }) => id)}::text[]) group by r.requirement_id`.execute(db);
    const carrying = new Map(rows.map(({ id, agreements }) => [id, agreements]));
    return wanted.map((danish) => {
      const { id } = danish;
      const other = english.get(id);
      return {
        id,
        title: { da: danish.title, en: other?.title ?? '' },
        summary: { da: danish.summary, en: other?.summary ?? '' },
        kind: danish.kind,
        area: danish.area,
        focusArea: danish.focusArea,
        goals: [...danish.goals],
        source: { kind: danish.source.kind, title: { da: danish.source.title, en: other?.source.title ?? '' }, date: danish.source.date ?? null, url: danish.source.url ?? null },
        cpv: [...danish.cpv],
        evidence: { da: [...danish.evidence], en: [...(other?.evidence ?? [])] },
        rhythm: danish.rhythm,
        obligationTypes: [...danish.obligationTypes],
        contractKinds: danish.contractKinds ?? null,
        fromValueOre: danish.fromDkk === undefined ? null : danish.fromDkk * 100,
        currency: 'DKK' as const,
        draft: danish.draft,
        agreements: carrying.get(id) ?? [],
        url: new URL(pathTo('requirement', 'da', { id }), siteUrl).href,
      };
    });
  },
  sheet: 'Krav',
  columns: [
    ['Krav', ({ id }) => id],
    ['Titel', ({ title }) => title.da],
    ['Titel på engelsk', ({ title }) => title.en],
    ['Resumé', ({ summary }) => summary.da],
    ['Slags krav', (item) => kind[item.kind]],
    ['Område', (item) => area[item.area]],
    ['Indsatsområde', ({ focusArea }) => focusArea],
    ['Kilde', ({ source }) => source.title.da],
    ['Hvor tit', (item) => rhythm[item.rhythm]],
    ['CPV-koder', ({ cpv }) => several(cpv)],
    ['Dokumentation', ({ evidence }) => several(evidence.da)],
    ['Udkast', ({ draft }) => draft],
    ['Antal aftaler', ({ agreements }) => agreements.length],
    ['Aftaler', ({ agreements }) => several(agreements)],
    ['Adresse på siden', ({ url }) => url],
  ],
});
