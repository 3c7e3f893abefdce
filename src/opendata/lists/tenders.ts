import { agreementMessages } from '../../agreements/messages.ts';
import { pathTo } from '../../i18n/routes.ts';
import { zone } from '../../platform/clock.ts';
import { tendersAfter } from '../../tenders/queries.ts';
import { phaseAt } from '../../tenders/tender.ts';
import { several } from './agreements.ts';
import { openList } from './list.ts';
import { tenderItem } from './schemas.ts';

const danishTime = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
const status = { open: 'Åbent', planned: 'Planlagt', closed: 'Lukket', awarded: 'Afgjort', cancelled: 'Aflyst' } as const;
const kindOfContract = { supplies: 'Varer', services: 'Tjenesteydelser', works: 'Bygge og anlæg' } as const;

/** Tenders that are planned, open and closed, by id. */
export const tenderList = openList({
  name: 'tenders',
  schema: tenderItem,
  keyOf: ({ id }) => id,
  async read({ db, siteUrl, now }, after, limit) {
    const rows = await tendersAfter(db, after ?? '', limit);
    return rows.map((row) => ({
      id: row.id,
      title: { da: row.title_da, en: row.title_en },
      summary: { da: row.summary_da, en: row.summary_en },
      status: phaseAt(row, now),
      procedure: tenderItem.shape.procedure.parse(row.procedure),
      kindOfContract: tenderItem.shape.kindOfContract.parse(row.kind_of_contract),
      cpvMain: row.cpv_main,
      deadlineAt: row.closes_at?.toISOString() ?? null,
      expectedQuarter: row.expected_quarter,
      valueOre: row.value_ore,
      currency: 'DKK' as const,
      replaces: row.replaces_number,
      requirements: row.requirement_ids,
      submitUrl: row.submit_url,
      url: new URL(pathTo('tender', 'da', { id: row.id }), siteUrl).href,
    }));
  },
  sheet: 'Udbud',
  columns: [
    ['Udbud', ({ id }) => id],
    ['Titel', ({ title }) => title.da],
    ['Titel på engelsk', ({ title }) => title.en],
    ['Resumé', ({ summary }) => summary.da],
    ['Status', (item) => status[item.status]],
    ['Procedure', (item) => agreementMessages.da.procedure[item.procedure]],
    ['Kontrakttype', (item) => kindOfContract[item.kindOfContract]],
    ['CPV-kode', ({ cpvMain }) => cpvMain],
    ['Frist', ({ deadlineAt }) => deadlineAt && danishTime.format(new Date(deadlineAt))],
    ['Forventet kvartal', ({ expectedQuarter }) => expectedQuarter],
    ['Anslået værdi i kr.', ({ valueOre }) => (valueOre === null ? null : valueOre / 100)],
    ['Afløser aftale', ({ replaces }) => replaces],
    ['Krav', ({ requirements }) => several(requirements)],
    ['Tilbud afgives', ({ submitUrl }) => submitUrl],
    ['Adresse på siden', ({ url }) => url],
  ],
});
