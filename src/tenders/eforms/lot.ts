import type { Amount, Deadline, Duration, Text } from './notice.ts';

/** What is bought: of the procedure as a whole, and of each lot. */
export interface Purpose {
  /** BT-21 */
  readonly title?: Text;
  /** BT-24 */
  readonly description?: Text;
  /** BT-22 */
  readonly internalId?: string;
  /** BT-23: works, supplies, services */
  readonly nature?: string;
  /** BT-531 */
  readonly otherNatures: readonly string[];
  /** BT-262, eight digits */
  readonly cpv?: string;
  /** BT-263 */
  readonly otherCpv: readonly string[];
  /** BT-27, estimated */
  readonly value?: Amount;
  /** BT-271, of a framework; BT-157 of a group */
  readonly maximum?: Amount;
  /** BT-300 */
  readonly note?: Text;
  readonly places: readonly Place[];
}

/** A lot, a group of lots, or a part of a planning notice. */
export interface Lot extends Purpose {
  /** BT-137: LOT-0001, GLO-0001, PAR-0001 */
  readonly id: string;
  /** BT-25, BT-625 */
  readonly quantity?: { readonly value: string; readonly unit: string };
  /** BT-536, BT-537, BT-36, BT-538 (UNLIMITED or UNKNOWN), BT-781 */
  readonly period: { readonly start?: string; readonly end?: string; readonly duration?: Duration; readonly open?: string; readonly note?: Text };
  /** BT-58, BT-57 */
  readonly maxRenewals?: string;
  readonly renewals?: Text;
  /** BT-54 */
  readonly options?: Text;
  /** BT-726 */
  readonly suitableForSmall?: boolean;
  /** BT-06, BT-777 */
  readonly strategic: readonly string[];
  readonly strategicNote?: Text;
  /** BT-774, BT-775, BT-776, BT-805; 'none' and 'other' are codes too. */
  readonly green: readonly string[];
  readonly social: readonly string[];
  readonly innovative: readonly string[];
  readonly greenCriteria: readonly string[];
  /** BT-754, BT-755 */
  readonly accessibility?: string;
  readonly accessibilityNote?: Text;
  /** BT-71: who may tender, 'none' where everyone may */
  readonly reserved: readonly string[];
  /** BT-736: carried out within sheltered employment */
  readonly reservedExecution?: string;
  /** BT-765: none, fa-wo-rc, fa-w-rc, fa-mix */
  readonly framework?: string;
  /** BT-113, BT-109, BT-111 */
  readonly frameworkParticipants?: string;
  readonly frameworkDuration?: Text;
  readonly frameworkBuyers?: Text;
  /** BT-766: none, dps-list, dps-nlist */
  readonly dynamicSystem?: string;
  /** BT-767 */
  readonly auction?: boolean;
  /** BT-115 */
  readonly gpa?: boolean;
  /** BT-60: eu-funds, no-eu-funds */
  readonly euFunds?: string;
  /** BT-63, BT-17, BT-764, BT-743: required, allowed, not-allowed */
  readonly variants?: string;
  readonly electronicSubmission?: string;
  readonly electronicCatalogue?: string;
  readonly electronicInvoice?: string;
  /** BT-94, BT-95 */
  readonly recurring?: boolean;
  readonly recurringNote?: Text;
  /** BT-131 */
  readonly tenderDeadline?: Deadline;
  /** BT-1311 */
  readonly requestDeadline?: Deadline;
  /** BT-630 */
  readonly interestDeadline?: Deadline;
  /** BT-13 */
  readonly questionDeadline?: Deadline;
  /** BT-132, BT-133 */
  readonly opening?: Deadline;
  readonly openingPlace?: Text;
  /** BT-130 */
  readonly invitations?: string;
  /** BT-98 */
  readonly tenderValidity?: Duration;
  /** BT-50, BT-51 */
  readonly minCandidates?: string;
  readonly maxCandidates?: string;
  /** BT-15; BT-615 where access is restricted */
  readonly documentsUrl?: string;
  readonly restrictedDocumentsUrl?: string;
  /** BT-708 */
  readonly documentLanguages: readonly string[];
  /** BT-18 */
  readonly submissionUrl?: string;
  /** BT-97 */
  readonly tenderLanguages: readonly string[];
  /** BT-539 and what belongs to each */
  readonly awardCriteria: readonly AwardCriterion[];
  /** BT-543, BT-733 */
  readonly awardMethod?: Text;
  readonly awardOrderReason?: Text;
  /** BT-809 (formerly BT-747), BT-750; BT-821 says where they stand when they are not here. */
  readonly selectionCriteria: readonly { readonly code?: string; readonly text?: Text }[];
  readonly selectionSource: readonly string[];
  /** BT-70, BT-77 */
  readonly conditions?: Text;
  readonly payment?: Text;
  /** BT-99, and whom to complain to: OPT-301 */
  readonly reviewDeadline?: Text;
  readonly reviewBodies: readonly string[];
  readonly previousNotices: readonly PreviousNotice[];
}

export interface AwardCriterion {
  /** BT-539: price, cost, quality */
  readonly type?: string;
  /** BT-734, BT-540 */
  readonly name?: Text;
  readonly description?: Text;
  /** BT-541; the meaning is BT-5421 (weight, such as per-exa for percent), BT-5422 (fixed) or BT-5423 (threshold). */
  readonly numbers: readonly { readonly kind: 'weight' | 'fixed' | 'threshold'; readonly meaning?: string; readonly value?: string }[];
}

/** BT-125, BT-1251, OPP-090. The scheme is notice-id-ref or ojs-notice-id. */
export interface PreviousNotice {
  readonly id: string;
  readonly scheme?: string;
  readonly part?: string;
}

/** BT-5071 NUTS, BT-5131, BT-5121, BT-5101, BT-5141 (ISO 3166, three letters), BT-727 such as 'anyw-cou', BT-728 */
export interface Place {
  readonly nuts?: string;
  readonly city?: string;
  readonly postcode?: string;
  readonly street?: string;
  readonly country?: string;
  readonly elsewhere?: string;
  readonly note?: Text;
}
