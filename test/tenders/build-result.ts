import type { PartyToBuild, ResultToBuild } from './notice-to-build.ts';
import { coded, ids, marks, money, tag, words } from './notice-xml.ts';

/** efac:NoticeResult, with the chain of identifiers from each lot to its winners. */
export function buildResult(result: ResultToBuild, register: (party: PartyToBuild) => string): string {
  const lotResults: string[] = [];
  const tenders: string[] = [];
  const contracts: string[] = [];
  const parties: string[] = [];
  const numbered = (prefix: string): string => `${prefix}-${String(tenders.length + 1).padStart(4, '0')}`;
  for (const each of result.lots) {
    const refs = (each.winners ?? []).map((winner) => {
      const [ten, con, tpa] = [numbered('TEN'), numbered('CON'), numbered('TPA')];
      tenders.push(
        tag(
          'efac:LotTender',
          marks(winner.withheld) +
            tag('cbc:ID', ten) +
            tag('cbc:RankCode', winner.rank) +
            tag('cac:LegalMonetaryTotal', money('cbc:PayableAmount', winner.value)) +
            tag('efac:TenderingParty', tag('cbc:ID', tpa)) +
            tag('efac:TenderLot', tag('cbc:ID', each.lot, ' schemeName="Lot"')) +
            (winner.tender ?? ''),
        ),
      );
      contracts.push(
        tag(
          'efac:SettledContract',
          tag('cbc:ID', con) +
            tag('cbc:AwardDate', winner.awarded) +
            tag('cbc:IssueDate', winner.concluded) +
            words('cbc:Title', winner.title) +
            ids('cac:SignatoryParty', ['ORG-0001']) +
            tag('efac:ContractReference', tag('cbc:ID', winner.contract)) +
            tag('efac:LotTender', tag('cbc:ID', ten)),
        ),
      );
      const several = winner.members.length > 1;
      parties.push(
        tag(
          'efac:TenderingParty',
          tag('cbc:ID', tpa) +
            winner.members
              .map((member, index) => tag('efac:Tenderer', tag('cbc:ID', register(member)) + (several ? tag('efbc:GroupLeadIndicator', String(index === 0)) : '')))
              .join('') +
            (winner.subcontractors ?? [])
              .map((one) => tag('efac:SubContractor', tag('cbc:ID', register(one)) + tag('efac:MainContractor', tag('cbc:ID', register(winner.members[0] ?? one)))))
              .join(''),
        ),
      );
      return { ten, con };
    });
    lotResults.push(
      tag(
        'efac:LotResult',
        marks(each.withheld) +
          tag('cbc:ID', `RES-${String(lotResults.length + 1).padStart(4, '0')}`) +
          coded('cbc:TenderResultCode', 'winner-selection-status', each.chosen ?? (refs.length > 0 ? 'selec-w' : 'clos-nw')) +
          tag('efac:DecisionReason', each.reason && coded('efbc:DecisionReasonCode', 'non-award-justification', each.reason)) +
          tag('efac:FrameworkAgreementValues', money('cbc:MaximumValueAmount', each.maximum) + money('efbc:ReestimatedValueAmount', each.reestimated)) +
          refs.map(({ ten }) => tag('efac:LotTender', tag('cbc:ID', ten))).join('') +
          Object.entries(each.received ?? {})
            .map(([code, count]) =>
              tag('efac:ReceivedSubmissionsStatistics', coded('efbc:StatisticsCode', 'received-submission-type', code) + tag('efbc:StatisticsNumeric', count)),
            )
            .join('') +
          refs.map(({ con }) => tag('efac:SettledContract', tag('cbc:ID', con))).join('') +
          tag('efac:TenderLot', tag('cbc:ID', each.lot, ' schemeName="Lot"')),
      ),
    );
  }
  return tag(
    'efac:NoticeResult',
    [marks(result.withheld), money('cbc:TotalAmount', result.total), ...lotResults, ...tenders, ...contracts, ...parties, result.more ?? ''].join('\n'),
  );
}
