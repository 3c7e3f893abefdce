import { createHash } from 'node:crypto';
import type { AgreementContent } from '../../agreements/content.ts';
import { agreementMessages } from '../../agreements/messages.ts';
import type { PublicStandingRow } from '../../followup/public/queries.ts';
import type { Municipality } from '../../municipality/municipality.ts';
import { dateOf } from '../../platform/clock.ts';
import type { RequirementArea, RequirementKind } from '../../requirements/requirement.ts';
import { licence, ocidPrefix, paths } from '../publication.ts';
import { awardsOf, contractsOf, periodOf, tenderDocuments } from './contracts.ts';
import { inBoth, type JsonObject, present } from './values.ts';

/** A publication of an agreement, as agreement_version keeps it. */
export interface OcdsVersion {
  readonly number: number;
  readonly event: 'published' | 'changed' | 'withdrawn';
  readonly content: AgreementContent;
  readonly note: string;
  readonly publishedAt: Date;
}

export type StandingOfSupplier = Pick<PublicStandingRow, 'requirement_id' | 'type' | 'period' | 'lot' | 'state' | 'due_on' | 'decided_at'> & { readonly cvr: string };

export interface OcdsContext {
  readonly owner: Municipality;
  readonly siteUrl: URL;
  /** The address of the page that says how data is published. */
  readonly policyUrl: string;
  requirement(id: string): { readonly title: string; readonly area: RequirementArea; readonly kind: RequirementKind } | undefined;
  /** The Danish name of a type of obligation. */
  typeTitle(id: string): string;
}

export const ocidOf = (agreementNumber: string): string => `${ocidPrefix}-${agreementNumber}`;
/** The agreement's number in an ocid of ours; null for another's. */
export const numberIn = (ocid: string): string | null => (ocid.startsWith(`${ocidPrefix}-`) ? ocid.slice(ocidPrefix.length + 1) : null);

const extension = (name: string): string => `https://raw.githubusercontent.com/open-contracting-extensions/ocds_${name}_extension/master/extension.json`;
const extensions = ['lots', 'techniques', 'sustainability', 'documentation'].map(extension);
const tags = { published: 'contract', changed: 'contractAmendment', withdrawn: 'contractTermination' } as const;
const categories = { supplies: 'goods', services: 'services', works: 'works' } as const;
// Below the threshold and together with others says nothing of who was invited: there the method is left out.
const methods: Partial<Record<AgreementContent['procedure'], string>> = { open: 'open', restricted: 'selective', negotiated: 'selective', direct: 'direct' };

/**
 * One publication as a release (OCDS 1.1.5), told as of the day on which it was published: nothing in it moves with the
 * days, since a release is not changed afterwards. How the follow-up stands comes in the record. Never holds null.
 */
export function releaseOf(version: OcdsVersion, context: OcdsContext): JsonObject {
  const { content, event, number, publishedAt } = version;
  const ocid = ocidOf(content.number);
  const id = `${ocid}-v${number}`;
  return present({ ocid, id, date: publishedAt.toISOString(), tag: [tags[event]], initiationType: 'tender', ...bodyOf(version, context, dateOf(publishedAt), [], id) });
}

function bodyOf(version: OcdsVersion, context: OcdsContext, on: string, standings: readonly StandingOfSupplier[], releaseId: string): JsonObject {
  const { content } = version;
  const buyer = { id: `DK-CVR-${context.owner.cvr}`, name: context.owner.name.da };
  return {
    language: 'da',
    parties: partiesOf(content, context.owner),
    buyer,
    tender: { ...tenderOf(content, context), procuringEntity: buyer },
    awards: awardsOf(version, on),
    contracts: contractsOf(version, context, on, standings, releaseId),
    relatedProcesses: content.predecessor
      ? [
          {
            id: 'predecessor',
            relationship: ['prior'],
            scheme: 'ocid',
            identifier: ocidOf(content.predecessor),
            uri: new URL(paths.record(ocidOf(content.predecessor)), context.siteUrl).href,
          },
        ]
      : [],
  };
}

function partiesOf(content: AgreementContent, owner: Municipality): JsonObject[] {
  const party = (cvr: string, name: string) => ({ id: `DK-CVR-${cvr}`, name, identifier: { scheme: 'DK-CVR', id: cvr, legalName: name } });
  return [
    {
      ...party(owner.cvr, owner.name.da),
      address: { streetAddress: owner.address.street, postalCode: owner.address.postcode, locality: owner.address.city, region: owner.nuts, countryName: 'Danmark' },
      contactPoint: { name: content.contactTeam.da || owner.team.da, email: content.contactEmail ?? owner.email, telephone: `+45 ${owner.phone}` },
      roles: ['buyer', 'procuringEntity'],
    },
    ...content.suppliers.map(({ cvr, name, town }) => ({ ...party(cvr, name), address: { locality: town }, roles: ['supplier'] })),
  ];
}

function tenderOf(content: AgreementContent, context: OcdsContext): JsonObject {
  const sustainability = sustainabilityOf(content, context);
  return {
    id: content.number,
    ...inBoth('title', content.title),
    ...inBoth('description', content.summary),
    status: 'complete',
    mainProcurementCategory: categories[content.kindOfContract],
    procurementMethod: methods[content.procedure],
    ...(content.procedure !== 'not-stated' && { procurementMethodDetails: agreementMessages.da.procedure[content.procedure] }),
    ...(content.valueOre !== null && { value: { amount: content.valueOre / 100, currency: 'DKK' } }),
    contractPeriod: periodOf(content),
    items: itemsOf(content),
    lots: content.lots.map(({ number, title }) => ({ id: number, ...inBoth('title', title) })),
    ...(content.kind === 'framework' && { techniques: { hasFrameworkAgreement: true } }),
    ...(content.kind === 'dynamic-system' && { techniques: { hasDynamicPurchasingSystem: true } }),
    ...(sustainability.length > 0 && { hasSustainability: true, sustainability }),
    documents: tenderDocuments(content, context.siteUrl),
  };
}

/** What is bought, as one item by its CPV codes; none where no code is known. */
function itemsOf({ cpvMain, cpv }: AgreementContent): JsonObject[] {
  const [main, ...others] = [...new Set([...(cpvMain ? [cpvMain] : []), ...cpv])].map((id) => ({ scheme: 'CPV', id }));
  return main ? [{ id: '1', classification: main, additionalClassifications: others }] : [];
}

const goals: Partial<Record<RequirementArea, string>> = { environment: 'environmental', climate: 'environmental.climateChangeMitigation', social: 'social' };
const strategies: Record<RequirementKind, string> = { 'contract-term': 'contractPerformanceConditions', minimum: 'technicalSpecifications', 'award-criterion': 'awardCriteria' };

/** Requirements of environment, climate and social conditions; the others are not what the extension means. */
function sustainabilityOf({ requirements }: AgreementContent, context: OcdsContext): JsonObject[] {
  return [...new Set(requirements)].flatMap((id) => {
    const requirement = context.requirement(id);
    const goal = requirement && goals[requirement.area];
    return goal ? [{ goal, strategies: [strategies[requirement.kind]], description: requirement.title }] : [];
  });
}

/**
 * Everything known of one agreement: its releases from the oldest on, one more for how the follow-up stands on a day
 * (a different standing has a different id), and all of it compiled. Versions in the order of their numbers, at least one.
 */
export function recordOf(versions: readonly OcdsVersion[], context: OcdsContext, standings: readonly StandingOfSupplier[], on: string): JsonObject {
  const latest = versions.at(-1);
  if (!latest) throw new Error('a record has at least one version');
  const releases = versions.map((version) => releaseOf(version, context));
  const ocid = ocidOf(latest.content.number);
  const date = new Date(Math.max(...[latest.publishedAt, ...standings.flatMap(({ decided_at }) => decided_at ?? [])].map(Number))).toISOString();
  const body = present(bodyOf(latest, context, on, standings, `${ocid}-v${latest.number}`));
  const contracts = (body['contracts'] as readonly JsonObject[]).map(({ id, awardID, status, implementation }) => ({ id, awardID, status, implementation }));
  const standing = createHash('sha256').update(JSON.stringify(contracts)).digest('hex').slice(0, 12);
  if (standings.length > 0)
    releases.push(present({ ocid, id: `${ocid}-implementation-${standing}`, date, tag: ['implementation'], initiationType: 'tender', language: 'da', contracts }));
  return { ocid, releases, compiledRelease: { ocid, id: `${ocid}-compiled-${standing}`, date, tag: ['compiled'], initiationType: 'tender', ...body } };
}

/** What every package begins with. `publishedDate` is when its content last changed. */
export function packageHead(uri: string, publishedDate: string, { owner, policyUrl, siteUrl }: OcdsContext): JsonObject {
  return {
    uri: new URL(uri, siteUrl).href,
    version: '1.1',
    publishedDate,
    publisher: { name: owner.name.da, scheme: 'DK-CVR', uid: owner.cvr },
    license: licence.url,
    publicationPolicy: policyUrl,
    extensions,
  };
}

const lastDate = (parts: readonly JsonObject[], otherwise: Date): string =>
  parts
    .map(({ date }) => String(date))
    .sort()
    .at(-1) ?? otherwise.toISOString();

/** A package of releases. The schema asks for at least one: an empty page of the feed is the one exception. `next` is where a follower goes on. */
export function releasePackage(uri: string, releases: readonly JsonObject[], context: OcdsContext, now: Date, next?: string): JsonObject {
  const head = packageHead(uri, lastDate(releases, now), context);
  if (next === undefined) return { ...head, releases };
  return { ...head, extensions: [...extensions, extension('pagination')], releases, links: { next: new URL(next, context.siteUrl).href } };
}

export function recordPackage(uri: string, records: readonly JsonObject[], context: OcdsContext, now: Date): JsonObject {
  return {
    ...packageHead(
      uri,
      lastDate(
        records.map(({ compiledRelease }) => compiledRelease as JsonObject),
        now,
      ),
      context,
    ),
    records,
  };
}
