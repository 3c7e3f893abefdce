import { sql } from 'kysely';
import { lastPossibleEnd, statusOf } from '../../agreements/agreement.ts';
import { type AgreementContent, endOf } from '../../agreements/content.ts';
import { agreementMessages } from '../../agreements/messages.ts';
import { pathTo } from '../../i18n/routes.ts';
import { dateOf } from '../../platform/clock.ts';
import { type Cell, openList } from './list.ts';
import { agreementItem } from './schemas.ts';

interface Row {
  number: string;
  content: AgreementContent;
  published_at: Date;
  asked: number;
  documented: number;
}

/** Several values in one cell; an import reads them apart by the same sign. */
export const several = (values: readonly string[]): string => values.join(' | ');
const day = (date: string): Date => new Date(`${date}T00:00:00Z`);
const { kind, procedure, status, valueBand } = agreementMessages.da;
const kindOfContract = { supplies: 'Varer', services: 'Tjenesteydelser', works: 'Bygge og anlæg' } as const;
const kroner = (ore: number | null): Cell => (ore === null ? null : ore / 100);

/**
 * Agreements on the site as they were last published, by number. The columns have names that an import of agreements
 * recognises (agreements/import/columns.ts), so that the file can be corrected and brought in again.
 */
export const agreementList = openList({
  name: 'agreements',
  schema: agreementItem,
  keyOf: ({ number }) => number,
  async read({ db, siteUrl, today }, after, limit) {
    const { rows } = await sql<Row>`
      select a.number, v.content, v.published_at, coalesce(e.asked, 0) as asked, coalesce(e.documented, 0) as documented
      from agreement a
      join lateral (select content, published_at from agreement_version where agreement_id = a.id order by number desc limit 1) v on true
      left join register_entry e on e.agreement_id = a.id
      where a.withdrawn_at is null and a.number > ${after ?? ''} order by a.number limit ${limit}`.execute(db);
    return rows.map(({ number, content, published_at, asked, documented }) => {
      const currentEnd = endOf(content);
      return {
        ...content,
        currency: 'DKK' as const,
        status: statusOf({ starts_on: content.startsOn, ends_on: currentEnd }, today),
        currentEnd,
        lastPossibleEnd: lastPossibleEnd({ ends_on: currentEnd, options: content.options.map(({ extendsTo }) => ({ extends_to: extendsTo })) }),
        documentation: { asked, documented },
        url: new URL(pathTo('agreement', 'da', { number }), siteUrl).href,
        updatedAt: published_at.toISOString(),
      };
    });
  },
  sheet: 'Aftaler',
  columns: [
    ['Aftalenummer', ({ number }) => number],
    ['Titel', ({ title }) => title.da],
    ['Titel engelsk', ({ title }) => title.en],
    ['Beskrivelse', ({ summary }) => summary.da],
    ['Beskrivelse engelsk', ({ summary }) => summary.en],
    ['Aftaletype', (item) => kind[item.kind]],
    ['Kontraktart', (item) => kindOfContract[item.kindOfContract]],
    ['Leverandør', ({ suppliers }) => several(suppliers.map(({ name }) => name))],
    ['CVR-nummer', ({ suppliers }) => several(suppliers.map(({ cvr }) => cvr))],
    ['Startdato', ({ startsOn }) => day(startsOn)],
    ['Slutdato', ({ endsOn }) => day(endsOn)],
    ['Optioner', ({ options }) => several(options.map(({ extendsTo, noticeBy, used }) => `${extendsTo} (varsel ${noticeBy}${used ? ', brugt' : ''})`))],
    ['Gælder nu til', ({ currentEnd }) => day(currentEnd)],
    ['Senest mulige slutdato', (item) => day(item.lastPossibleEnd)],
    ['Status', (item) => status[item.status]],
    ['Anslået værdi (kr.)', ({ valueOre }) => kroner(valueOre)],
    ['Beløbsgrænse', (item) => item.valueBand && valueBand[item.valueBand]],
    ['Udbudsform', (item) => procedure[item.procedure]],
    ['CPV-koder', ({ cpvMain, cpv }) => several([...new Set([...(cpvMain ? [cpvMain] : []), ...cpv])])],
    ['NUTS-kode', ({ nuts }) => nuts],
    ['Krav', ({ requirements }) => several(requirements)],
    ['Obligatorisk', ({ mandatory }) => mandatory],
    ['Gælder for', ({ coverage }) => coverage.da],
    ['Bestilling', ({ ordering }) => ordering.da],
    ['Ikke omfattet', ({ notCovered }) => notCovered.da],
    ['Prisliste', ({ priceListUrl }) => priceListUrl],
    ['Kontaktteam', ({ contactTeam }) => contactTeam.da],
    ['Kontakt-e-mail', ({ contactEmail }) => contactEmail],
    ['Afløser', ({ predecessor }) => predecessor],
    ['Dokumentation bedt om', ({ documentation }) => documentation.asked],
    ['Dokumentation godkendt', ({ documentation }) => documentation.documented],
    ['Sidst ændret', ({ updatedAt }) => day(dateOf(new Date(updatedAt)))],
    ['Adresse på siden', ({ url }) => url],
  ],
});
