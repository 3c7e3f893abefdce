import type { Amount, Notice, Organisation, Text } from './notice.ts';
import { organisationOf } from './organisations.ts';
import { filled } from './values.ts';

/** What came of a procedure. Identifiers (RES-, TEN-, TPA-, CON-, ORG-) tie the parts together; `winnersOf` follows them. */
export interface Result {
  /** BT-161: value of all contracts */
  readonly total?: Amount;
  /** BT-118, BT-1118: of all frameworks, at most and about */
  readonly frameworkMaximum?: Amount;
  readonly frameworkApproximate?: Amount;
  /** BT-556, BT-156, BT-1561 */
  readonly groupFrameworks: readonly { readonly group?: string; readonly maximum?: Amount; readonly reestimated?: Amount }[];
  readonly lotResults: readonly LotResult[];
  readonly tenders: readonly Tender[];
  readonly parties: readonly TenderingParty[];
  readonly contracts: readonly Contract[];
}

export interface LotResult {
  /** OPT-322 */
  readonly id?: string;
  /** BT-13713 */
  readonly lot?: string;
  /** BT-142: selec-w, clos-nw, open-nw */
  readonly winnerChosen?: string;
  /** BT-144 */
  readonly notAwardedReason?: string;
  /** OPT-320, OPT-315 */
  readonly tenders: readonly string[];
  readonly contracts: readonly string[];
  /** BT-710, BT-711 */
  readonly lowest?: Amount;
  readonly highest?: Amount;
  /** BT-709, BT-660 */
  readonly frameworkMaximum?: Amount;
  readonly frameworkReestimated?: Amount;
  /** BT-760, BT-759: how many tenders or requests of each kind */
  readonly received: readonly Count[];
  /** BT-636, BT-635 */
  readonly reviewRequests: readonly Count[];
  /** BT-712(b) */
  readonly complainants: readonly Count[];
  /** BT-119 */
  readonly dynamicSystemEnded?: boolean;
}

export interface Count {
  readonly type?: string;
  readonly count?: string;
}

export interface Tender {
  /** OPT-321 */
  readonly id: string;
  /** BT-3201 */
  readonly number?: string;
  /** BT-13714: a lot, or a group of lots */
  readonly lot?: string;
  /** OPT-310 */
  readonly party?: string;
  /** BT-720 */
  readonly value?: Amount;
  /** BT-779, BT-782: of a completed contract */
  readonly paid?: Amount;
  readonly penalties?: Amount;
  /** BT-171, BT-1711 */
  readonly rank?: string;
  readonly ranked?: boolean;
  /** BT-193 */
  readonly variant?: boolean;
  /** BT-191 */
  readonly origins: readonly { readonly country?: string }[];
  /** BT-773 (yes, no, not-known), BT-553, BT-555, BT-554, BT-730, BT-731 */
  readonly subcontracting: readonly Subcontracting[];
  /** BT-160, BT-162, BT-163 */
  readonly concession: readonly { readonly fromBuyer?: Amount; readonly fromUsers?: Amount; readonly method?: Text }[];
}

export interface Subcontracting {
  readonly indication?: string;
  readonly value?: Amount;
  readonly percent?: string;
  readonly description?: Text;
  readonly valueKnown?: boolean;
  readonly percentKnown?: boolean;
}

export interface TenderingParty {
  /** OPT-210 */
  readonly id: string;
  /** OPT-211 */
  readonly name?: string;
  /** OPT-300, OPT-170: more than one is a consortium */
  readonly members: readonly { readonly ref: string; readonly leader: boolean }[];
  /** OPT-301: for whom each of them works */
  readonly subcontractors: readonly { readonly ref: string; readonly mainContractors: readonly string[] }[];
}

export interface Contract {
  /** OPT-316 */
  readonly id: string;
  /** BT-150 */
  readonly number?: string;
  /** BT-721 */
  readonly title?: Text;
  /** BT-151 */
  readonly url?: string;
  /** BT-1451 */
  readonly awarded?: string;
  /** BT-145 */
  readonly concluded?: string;
  /** BT-768 */
  readonly withinFramework?: boolean;
  /** OPT-100 */
  readonly frameworkNotice?: string;
  /** BT-3202 */
  readonly tenders: readonly string[];
  /** OPT-300 */
  readonly signatories: readonly string[];
}

export interface Winner {
  /** The lot that was won, or undefined when the notice does not say. */
  readonly lot?: string;
  readonly contract?: Contract;
  readonly tender: Tender;
  /** The leader of a consortium first. */
  readonly members: readonly Organisation[];
  readonly leader?: Organisation;
  readonly subcontractors: readonly Organisation[];
}

/** Who won what: one per lot and tender, in the order of the results. What may not be shown yet is left out if it is left out of the notice given. */
export function winnersOf(notice: Notice): Winner[] {
  const { result } = notice;
  if (!result) return [];
  const named = (refs: readonly string[]): Organisation[] => refs.flatMap((ref) => organisationOf(notice.organisations, ref) ?? []);
  const winner = (lot: string | undefined, contract: Contract | undefined, tender: Tender): Winner => {
    const party = result.parties.find((each) => each.id === tender.party);
    const inOrder = [...(party?.members ?? [])].sort((a, b) => Number(b.leader) - Number(a.leader));
    const leader = inOrder[0]?.leader ? named([inOrder[0].ref])[0] : undefined;
    const subcontractors = named(party?.subcontractors.map((each) => each.ref) ?? []);
    return filled<Winner>({ lot, contract, tender, members: named(inOrder.map((each) => each.ref)), leader, subcontractors });
  };
  if (result.lotResults.length === 0) {
    // A contract modification names the contract alone.
    return result.contracts.flatMap((contract) => result.tenders.filter((tender) => contract.tenders.includes(tender.id)).map((tender) => winner(tender.lot, contract, tender)));
  }
  return result.lotResults.flatMap((lotResult) => {
    const { lot } = lotResult;
    // One contract may cover several lots; a tender for a group of lots counts for each of them.
    const own = (tender: Tender): boolean => tender.lot === lot || !notice.lots.some(({ id }) => id === tender.lot);
    const byContract = lotResult.contracts.flatMap((id) => result.contracts.find((contract) => contract.id === id) ?? []);
    if (byContract.length > 0) {
      return byContract.flatMap((contract) =>
        result.tenders.filter((tender) => contract.tenders.includes(tender.id) && own(tender)).map((tender) => winner(lot, contract, tender)),
      );
    }
    // A winner without a contract yet, as in a design contest: only where nothing else can be meant.
    if (lotResult.winnerChosen !== 'selec-w') return [];
    const tenders = result.tenders.filter((tender) => lotResult.tenders.includes(tender.id));
    return (tenders.length === 1 ? tenders : tenders.filter((tender) => tender.rank === '1')).map((tender) => winner(lot, undefined, tender));
  });
}
