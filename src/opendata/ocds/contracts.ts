import { lastPossibleEnd, statusOf } from '../../agreements/agreement.ts';
import { type AgreementContent, endOf } from '../../agreements/content.ts';
import { publicStandingOf } from '../../followup/obligation.ts';
import { formatTitle } from '../../i18n/format.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { OcdsContext, OcdsVersion, StandingOfSupplier } from './release.ts';
import { danishInstant, inBoth, type JsonObject } from './values.ts';

/** A supplier, or the suppliers of a consortium, in a lot or in the whole: each is an award with its contract. */
interface Holding {
  readonly key: string;
  readonly lot: string | undefined;
  readonly suppliers: AgreementContent['suppliers'];
}

export function holdingsOf({ suppliers, lots }: AgreementContent): Holding[] {
  const inSomeLot = new Set(lots.flatMap((lot) => lot.suppliers));
  const parts = [
    ...lots.map((lot) => ({ lot: lot.number as string | undefined, members: lot.suppliers.flatMap((cvr) => suppliers.find((each) => each.cvr === cvr) ?? []) })),
    { lot: undefined, members: suppliers.filter(({ cvr }) => !inSomeLot.has(cvr)) },
  ];
  return parts.flatMap(({ lot, members }) =>
    [...Map.groupBy(members, ({ cvr, consortium }) => consortium || cvr).values()].map((group) => ({
      key: [lot, group[0]?.cvr].filter((part) => part !== undefined).join('-'),
      lot,
      suppliers: group,
    })),
  );
}

export function periodOf(content: AgreementContent): JsonObject {
  const end = endOf(content);
  const last = lastPossibleEnd({ ends_on: end, options: content.options.map(({ extendsTo }) => ({ extends_to: extendsTo })) });
  return { startDate: danishInstant(content.startsOn, '00:00:00'), endDate: danishInstant(end, '23:59:59'), ...(last > end && { maxExtentDate: danishInstant(last, '23:59:59') }) };
}

/** contractStatus.csv, by the dates on a day; what was taken back before it began was cancelled. */
export function contractStatusOf({ event, content }: Pick<OcdsVersion, 'event' | 'content'>, on: string): 'pending' | 'active' | 'terminated' | 'cancelled' {
  const status = statusOf({ starts_on: content.startsOn, ends_on: endOf(content) }, on);
  if (event === 'withdrawn') return status === 'coming' ? 'cancelled' : 'terminated';
  return ({ coming: 'pending', active: 'active', ended: 'terminated' } as const)[status];
}

const referenceTo = ({ cvr, name }: { cvr: string; name: string }): JsonObject => ({ id: `DK-CVR-${cvr}`, name });

export function awardsOf({ event, content }: OcdsVersion, on: string): JsonObject[] {
  const cancelled = contractStatusOf({ event, content }, on) === 'cancelled';
  return holdingsOf(content).map(({ key, lot, suppliers }) => ({
    id: `${content.number}-award-${key}`,
    ...inBoth('title', content.title),
    status: cancelled ? 'cancelled' : 'active',
    suppliers: suppliers.map(referenceTo),
    contractPeriod: periodOf(content),
    ...(lot !== undefined && { relatedLots: [lot] }),
  }));
}

/** The contracts of a version. What suppliers owe stands in the first contract that each holds, so that it counts once. */
export function contractsOf(version: OcdsVersion, context: OcdsContext, on: string, standings: readonly StandingOfSupplier[], releaseId: string): JsonObject[] {
  const { content } = version;
  const told = new Set<string>();
  return holdingsOf(content).map(({ key, suppliers }) => {
    const mine = standings.filter(({ cvr }) => !told.has(cvr) && suppliers.some((each) => each.cvr === cvr));
    for (const { cvr } of suppliers) told.add(cvr);
    return {
      id: `${content.number}-${key}`,
      awardID: `${content.number}-award-${key}`,
      ...inBoth('title', content.title),
      status: contractStatusOf(version, on),
      period: periodOf(content),
      documents: documentsOf(content),
      amendments: amendmentsOf(version, releaseId),
      implementation: { milestones: mine.filter(({ state }) => state !== 'waived').map((row) => milestoneOf(row, context, on)) },
    };
  });
}

/** Announced documents have an address; of those that are withheld, title and ground are told. */
function documentsOf(content: AgreementContent): JsonObject[] {
  const documents = content.documents.map((document, place) => ({
    id: `document-${place + 1}`,
    ...inBoth('title', document.title),
    ...('url' in document
      ? { url: document.url }
      : { ...inBoth('description', document.withheld.reason), accessDetails: `Ikke offentligt: ${document.withheld.ground}. Vurderes igen ${document.withheld.reviewOn}.` }),
    language: 'da',
  }));
  return content.priceListUrl ? [...documents, { id: 'price-list', title: 'Prisliste', title_en: 'Price list', url: content.priceListUrl, language: 'da' }] : documents;
}

/** Changes of the contract with their legal ground, options that were used, and what this release itself changed. */
function amendmentsOf({ content, event, note, number, publishedAt }: OcdsVersion, releaseId: string): JsonObject[] {
  return [
    ...content.changes.map(({ on, ground, text }, place) => ({
      id: `change-${place + 1}`,
      date: danishInstant(on, '00:00:00'),
      rationale: ground,
      ...inBoth('description', text),
    })),
    ...content.options
      .filter(({ used }) => used)
      .map(({ extendsTo }) => ({
        id: `option-${extendsTo}`,
        rationale: 'Forlængelse efter aftalens option',
        description: `Forlænget til ${extendsTo}`,
        description_en: `Extended to ${extendsTo}`,
      })),
    ...(event === 'changed'
      ? [
          {
            id: releaseId,
            date: publishedAt.toISOString(),
            rationale: note || 'Oplysningerne om aftalen er ændret',
            amendsReleaseID: releaseId.replace(/\d+$/, String(number - 1)),
            releaseID: releaseId,
          },
        ]
      : []),
  ];
}

/**
 * An obligation as everyone may see it, in the codes of milestoneStatus.csv. What was returned, rejected or is late
 * looks the same from outside, "not documented", so partiallyMet is never said of anybody.
 */
function milestoneOf(row: StandingOfSupplier, context: OcdsContext, on: string): JsonObject {
  const standing = publicStandingOf(row, on);
  const status = { documented: 'met', 'being-checked': 'scheduled', 'not-due': 'scheduled', 'not-documented': 'notMet' } as const;
  return {
    id: [row.requirement_id, row.type, row.period ?? 'once', row.cvr, ...(row.lot === null ? [] : [row.lot])].join('/'),
    title: formatTitle(context.typeTitle(row.type), row, 'da'),
    type: 'reporting',
    code: row.type,
    description: context.requirement(row.requirement_id)?.title,
    dueDate: danishInstant(row.due_on, '23:59:59'),
    status: status[standing],
    ...(standing === 'documented' && row.decided_at && { dateMet: row.decided_at.toISOString() }),
  };
}

/** Addresses that belong to the agreement as a whole: its page and the notices of its tender. */
export function tenderDocuments(content: AgreementContent, siteUrl: URL): JsonObject[] {
  const page = {
    id: 'page',
    title: 'Aftalens side',
    title_en: 'The page of the agreement',
    url: new URL(pathTo('agreement', 'da', { number: content.number }), siteUrl).href,
    format: 'text/html',
    language: 'da',
  };
  const notices = content.notices.map(({ system, reference, url }) => ({
    id: `notice-${system}-${reference}`,
    title: `Bekendtgørelse ${reference}`,
    title_en: `Notice ${reference}`,
    url: url ?? undefined,
  }));
  return [page, ...notices];
}
