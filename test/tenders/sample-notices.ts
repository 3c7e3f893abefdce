import fs from 'node:fs';
import path from 'node:path';
import type { Lot } from '../../src/tenders/eforms/lot.ts';
import type { Notice } from '../../src/tenders/eforms/notice.ts';
import { organisationOf } from '../../src/tenders/eforms/organisations.ts';

const folder = path.resolve(process.env['SHARED_DATA'] ?? '../shared/data', 'eforms');

/** The official examples and what is to be found in them lie beside the repository, not in it. */
export const samplesAreHere = fs.existsSync(folder);
if (!samplesAreHere) console.log('skipped: ../shared/data is not here');

export const sampleNames: readonly string[] = samplesAreHere ? fs.readdirSync(path.join(folder, 'notices')).map((name) => path.basename(name, '.xml')) : [];
export const sampleFile = (name: string): Buffer => fs.readFileSync(path.join(folder, 'notices', `${name}.xml`));
const json = (kind: string, name: string): unknown => JSON.parse(fs.readFileSync(path.join(folder, kind, `${name}.json`), 'utf8'));
export const officialFaults = (name: string): { id: string; location: string }[] => json('svrl', name) as { id: string; location: string }[];

/** What is to be found, every value by its path. Days without the offset, since the reader keeps the day as written. */
export function expected(name: string): Map<string, unknown> {
  const values = leaves(json('expected', name));
  for (const [key, value] of values) {
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\d(Z|[+-]\d\d:\d\d)$/.test(value)) values.set(key, value.slice(0, 10));
  }
  return values;
}

export function leaves(value: unknown, at = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return value === undefined ? new Map() : new Map([[at, value]]);
  const entries = Object.entries(value);
  if (entries.length === 0) return new Map([[at, Array.isArray(value) ? '[]' : '{}']]);
  return new Map(entries.flatMap(([key, inner]) => [...leaves(inner, `${at}/${key}`)]));
}

const some = <T>(list: readonly T[] | undefined): readonly T[] | undefined => (list && list.length > 0 ? list : undefined);
const amount = (value: { amount: string; currency: string } | undefined): object | undefined => value && { amount: value.amount, currency: value.currency };

/** A notice in the keys of the expected files. */
export function inExpectedKeys(notice: Notice): Map<string, unknown> {
  const party = (ref: string, withPlace: boolean): object => {
    const organisation = organisationOf(notice.organisations, ref);
    return {
      ref,
      name: organisation?.name,
      companyId: organisation?.companyId,
      ...(withPlace ? { city: organisation?.address.city, country: organisation?.address.country } : {}),
    };
  };
  const purpose = (of: Lot | Notice['procedure']): object => ({
    'BT-21_title': of.title,
    'BT-24_description': of.description,
    'BT-23_nature': of.nature,
    'BT-262_mainCpv': of.cpv,
    'BT-263_additionalCpv': some(of.otherCpv),
    'BT-27_estimatedValue': amount(of.value),
  });
  const lot = (of: Lot): object => ({
    'BT-137_id': of.id,
    ...purpose(of),
    'BT-5071_nuts': some(of.places.flatMap(({ nuts }) => nuts ?? [])),
    'BT-36_duration': of.period.duration,
    'BT-536_start': of.period.start,
    'BT-537_end': of.period.end,
    'BT-58_maxRenewals': of.maxRenewals,
    'BT-54_options': of.options,
    'BT-765_framework': of.framework,
    'BT-766_dps': of.dynamicSystem,
    'BT-131d_tenderDeadlineDate': of.tenderDeadline?.date,
    'BT-131t_tenderDeadlineTime': of.tenderDeadline?.time,
    'BT-15_documentsUrl': of.documentsUrl,
    'BT-18_submissionUrl': of.submissionUrl,
    'BT-539_awardCriteria': some(of.awardCriteria.map(({ type }) => type)),
  });
  const { result, change, procedure } = notice;
  return leaves({
    root: notice.root,
    'BT-701_noticeId': notice.id,
    'BT-757_version': notice.version,
    'OPP-070_subtype': notice.subtype,
    'BT-03_formType': notice.formType,
    'BT-02_noticeType': notice.noticeType,
    'BT-702a_language': notice.language,
    'BT-05a_dispatchDate': notice.dispatched.date,
    'BT-01_legalBasis': notice.legalBasis.regulation,
    'BT-04_procedureId': notice.procedureId,
    'BT-758_changedNotice': change?.notice,
    'BT-140_changeReason': change?.reasons[0]?.code,
    publication: notice.publication,
    buyers: some(notice.buyers.map(({ ref }) => party(ref, true))),
    'BT-11_buyerLegalType': notice.buyers[0]?.legalType,
    'BT-22_internalId': procedure.internalId,
    ...purpose(procedure),
    'BT-105_procedureType': procedure.type,
    lots: some(notice.lots.map(lot)),
    parts: some(notice.parts.map(lot)),
    result: result && {
      'BT-161_total': amount(result.total),
      lotResults: some(
        result.lotResults.map((each) => ({
          lot: each.lot,
          'BT-142_winnerChosen': each.winnerChosen,
          'BT-144_notAwardedReason': each.notAwardedReason,
          contracts: some(each.contracts),
          tenders: some(each.tenders),
          statistics: each.received.length > 0 ? Object.fromEntries(each.received.map(({ type, count }) => [type, count])) : undefined,
        })),
      ),
      tenders:
        result.tenders.length > 0
          ? Object.fromEntries(
              result.tenders.map((tender) => [
                tender.id,
                {
                  'BT-720_value': amount(tender.value),
                  'BT-13714_lot': tender.lot,
                  tenderers: some(result.parties.find(({ id }) => id === tender.party)?.members.map(({ ref }) => party(ref, false))),
                },
              ]),
            )
          : undefined,
      contracts: some(
        result.contracts.map((contract) => ({
          'OPT-316_id': contract.id,
          'BT-150_contractId': contract.number,
          'BT-721_title': contract.title,
          'BT-145_concluded': contract.concluded,
          'BT-1451_awardDate': contract.awarded,
          'BT-151_url': contract.url,
          'BT-3202_tenders': some(contract.tenders),
          signatories: some(contract.signatories),
        })),
      ),
    },
    modifications: some(
      notice.modifications.map((each) => ({
        'BT-1501_previousNotice': each.previousNotice,
        'BT-200_reason': each.reasons[0]?.code,
        'BT-201_reasonText': each.reasons[0]?.text,
        'BT-202_description': some(each.changes.flatMap(({ description }) => (description ? [description] : []))),
      })),
    ),
  });
}
