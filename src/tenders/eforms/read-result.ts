import type { Contract, Count, LotResult, Result, Subcontracting, Tender, TenderingParty } from './award.ts';
import type { Amount } from './notice.ts';
import { amountAt, codeAt, dateAt, filled, flagAt, partiesAt, type Reading, textAt, valueAt, valuesAt } from './values.ts';
import { all, type Element, extension, first } from './xml.ts';

export function readResult(root: Element, reading: Reading): Result | undefined {
  const result = first(root, `${extension}/efac:NoticeResult`);
  if (!result) return undefined;
  /** Reads every element of a name, and remembers where it went. */
  const each = <T>(from: Element, name: string, place: readonly (string | number)[], read: (element: Element, place: readonly (string | number)[]) => T): T[] =>
    all(from, name).map((element, index) => {
      reading.places.set(element, [...place, index]);
      return read(element, [...place, index]);
    });
  const amount = (from: Element, path: string, field: string): Amount | undefined => amountAt(from, path, field, reading);
  const counts = (from: Element, name: string, list: string, place: readonly (string | number)[]): Count[] =>
    all(from, name)
      .filter((element) =>
        all(element, 'efbc:StatisticsCode').some(({ attributes }) => attributes.listName === list || (attributes.listName === undefined && list === 'received-submission-type')),
      )
      .map((element, index) => {
        reading.places.set(element, [...place, index]);
        return filled<Count>({ type: valueAt(element, 'efbc:StatisticsCode'), count: valueAt(element, 'efbc:StatisticsNumeric') });
      });
  reading.places.set(result, ['result']);

  const readLotResult = (element: Element, place: readonly (string | number)[]): LotResult => {
    for (const inner of ['efac:DecisionReason', 'efac:FrameworkAgreementValues']) for (const part of all(element, inner)) reading.places.set(part, place);
    return filled<LotResult>({
      id: valueAt(element, 'cbc:ID'),
      lot: valueAt(element, 'efac:TenderLot/cbc:ID'),
      winnerChosen: codeAt(element, 'cbc:TenderResultCode', 'winner-selection-status') ?? valueAt(element, 'cbc:TenderResultCode'),
      notAwardedReason: valueAt(element, 'efac:DecisionReason/efbc:DecisionReasonCode'),
      tenders: valuesAt(element, 'efac:LotTender/cbc:ID'),
      contracts: valuesAt(element, 'efac:SettledContract/cbc:ID'),
      lowest: amount(element, 'cbc:LowerTenderAmount', 'BT-710'),
      highest: amount(element, 'cbc:HigherTenderAmount', 'BT-711'),
      frameworkMaximum: amount(element, 'efac:FrameworkAgreementValues/cbc:MaximumValueAmount', 'BT-709'),
      frameworkReestimated: amount(element, 'efac:FrameworkAgreementValues/efbc:ReestimatedValueAmount', 'BT-660'),
      received: counts(element, 'efac:ReceivedSubmissionsStatistics', 'received-submission-type', [...place, 'received']),
      reviewRequests: counts(element, 'efac:AppealRequestsStatistics', 'irregularity-type', [...place, 'reviewRequests']),
      complainants: counts(element, 'efac:AppealRequestsStatistics', 'review-type', [...place, 'complainants']),
      dynamicSystemEnded: flagAt(element, 'efbc:DPSTerminationIndicator'),
    });
  };
  const readTender = (element: Element, place: readonly (string | number)[]): Tender =>
    filled<Tender>({
      id: valueAt(element, 'cbc:ID') ?? '',
      number: valueAt(element, 'efac:TenderReference/cbc:ID'),
      lot: valueAt(element, 'efac:TenderLot/cbc:ID'),
      party: valueAt(element, 'efac:TenderingParty/cbc:ID'),
      value: amount(element, 'cac:LegalMonetaryTotal/cbc:PayableAmount', 'BT-720'),
      paid: amount(element, 'efac:AggregatedAmounts/cbc:PaidAmount', 'BT-779'),
      penalties: amount(element, 'efac:AggregatedAmounts/efbc:PenaltiesAmount', 'BT-782'),
      rank: valueAt(element, 'cbc:RankCode'),
      ranked: flagAt(element, 'efbc:TenderRankedIndicator'),
      variant: flagAt(element, 'efbc:TenderVariantIndicator'),
      origins: each(element, 'efac:Origin', [...place, 'origins'], (origin) => filled<Tender['origins'][number]>({ country: valueAt(origin, 'efbc:AreaCode') })),
      subcontracting: each(element, 'efac:SubcontractingTerm', [...place, 'subcontracting'], (term) =>
        filled<Subcontracting>({
          indication: valueAt(term, 'efbc:TermCode'),
          value: amount(term, 'efbc:TermAmount', 'BT-553'),
          percent: valueAt(term, 'efbc:TermPercent'),
          description: textAt(term, 'efbc:TermDescription', reading),
          valueKnown: flagAt(term, 'efbc:ValueKnownIndicator'),
          percentKnown: flagAt(term, 'efbc:PercentageKnownIndicator'),
        }),
      ),
      concession: each(element, 'efac:ConcessionRevenue', [...place, 'concession'], (revenue) =>
        filled<Tender['concession'][number]>({
          fromBuyer: amount(revenue, 'efbc:RevenueBuyerAmount', 'BT-160'),
          fromUsers: amount(revenue, 'efbc:RevenueUserAmount', 'BT-162'),
          method: textAt(revenue, 'efbc:ValueDescription', reading),
        }),
      ),
    });
  return filled<Result>({
    total: amount(result, 'cbc:TotalAmount', 'BT-161'),
    frameworkMaximum: amount(result, 'efbc:OverallMaximumFrameworkContractsAmount', 'BT-118'),
    frameworkApproximate: amount(result, 'efbc:OverallApproximateFrameworkContractsAmount', 'BT-1118'),
    groupFrameworks: each(result, 'efac:GroupFramework', ['result', 'groupFrameworks'], (group) =>
      filled<Result['groupFrameworks'][number]>({
        group: valueAt(group, 'efac:TenderLot/cbc:ID'),
        maximum: amount(group, 'efbc:GroupFrameworkMaximumValueAmount', 'BT-156'),
        reestimated: amount(group, 'efbc:GroupFrameworkReestimatedValueAmount', 'BT-1561'),
      }),
    ),
    lotResults: each(result, 'efac:LotResult', ['result', 'lotResults'], readLotResult),
    tenders: each(result, 'efac:LotTender', ['result', 'tenders'], readTender),
    parties: all(result, 'efac:TenderingParty').map((party) =>
      filled<TenderingParty>({
        id: valueAt(party, 'cbc:ID') ?? '',
        name: valueAt(party, 'cbc:Name'),
        members: all(party, 'efac:Tenderer').flatMap((member) => valuesAt(member, 'cbc:ID').map((ref) => ({ ref, leader: flagAt(member, 'efbc:GroupLeadIndicator') === true }))),
        subcontractors: all(party, 'efac:SubContractor').flatMap((one) =>
          valuesAt(one, 'cbc:ID').map((ref) => ({ ref, mainContractors: valuesAt(one, 'efac:MainContractor/cbc:ID') })),
        ),
      }),
    ),
    contracts: all(result, 'efac:SettledContract').map((contract) =>
      filled<Contract>({
        id: valueAt(contract, 'cbc:ID') ?? '',
        number: valueAt(contract, 'efac:ContractReference/cbc:ID'),
        title: textAt(contract, 'cbc:Title', reading),
        url: valueAt(contract, 'cbc:URI'),
        awarded: dateAt(contract, 'cbc:AwardDate', 'BT-1451', reading),
        concluded: dateAt(contract, 'cbc:IssueDate', 'BT-145', reading),
        withinFramework: flagAt(contract, 'efbc:ContractFrameworkIndicator'),
        frameworkNotice: valueAt(contract, 'cac:NoticeDocumentReference/cbc:ID'),
        tenders: valuesAt(contract, 'efac:LotTender/cbc:ID'),
        signatories: partiesAt(contract, 'cac:SignatoryParty'),
      }),
    ),
  });
}
