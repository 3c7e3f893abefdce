import type { Result } from './award.ts';
import type { Lot, Place, PreviousNotice, Purpose } from './lot.ts';

/** By language as the EU writes it, DAN, ENG or DEU. Never empty. */
export type Text = Readonly<Record<string, string>>;

/** Excluding VAT. */
export interface Amount {
  /** Decimal text as written. */
  readonly amount: string;
  /** ISO 4217, of this amount alone: others in the notice may have another. */
  readonly currency: string;
  /** The same in øre when it is Danish kroner and nothing is lost by it. */
  readonly ore?: number;
}

export interface Deadline {
  /** The instant, in UTC. */
  readonly at: string;
  /** The calendar date as written, YYYY-MM-DD. */
  readonly date: string;
  /** As written, with its offset. */
  readonly time?: string;
  /** What the notice does not say: without a time it is the end of the day, without an offset Danish time. */
  readonly assumed: readonly ('time' | 'zone')[];
}

/** The unit is DAY, WEEK, MONTH or YEAR. */
export interface Duration {
  readonly value: string;
  readonly unit: string;
}

export type NoticeKind = 'planning' | 'competition' | 'direct-award' | 'result' | 'modification' | 'completion' | 'consultation' | 'registration';

/** A notice as published. Dates are YYYY-MM-DD as written, codes are those of eForms; each field says the number it comes from. */
export interface Notice {
  readonly root: 'PriorInformationNotice' | 'ContractNotice' | 'ContractAwardNotice';
  readonly kind: NoticeKind;
  /** OPP-070: 1 to 40, E1 to E6, CEI, T01, T02 */
  readonly subtype: string;
  /** BT-03 */
  readonly formType: string;
  /** BT-02 */
  readonly noticeType: string;
  /** OPT-002, such as '1.15' */
  readonly sdk: string;
  /** BT-701 */
  readonly id: string;
  /** BT-757 */
  readonly version: string;
  /** BT-04. Most planning notices have none. */
  readonly procedureId?: string;
  /** BT-702(a) */
  readonly language: string;
  /** BT-702(b) */
  readonly otherLanguages: readonly string[];
  /** BT-05 */
  readonly dispatched: Deadline;
  /** BT-127: when a contract notice is expected */
  readonly plannedPublication?: string;
  /** BT-738 */
  readonly requestedPublication?: string;
  /** OPP-010, OPP-011, OPP-012 */
  readonly publication: { readonly number?: string; readonly gazette?: string; readonly date?: string };
  readonly legalBasis: LegalBasis;
  readonly change?: Change;
  /** BT-140 of a change notice: the notice is void, or is meant to be. */
  readonly cancelled?: 'cancel' | 'cancel-intent';
  readonly modifications: readonly Modification[];
  readonly buyers: readonly Buyer[];
  readonly organisations: readonly Organisation[];
  readonly procedure: Procedure;
  readonly lots: readonly Lot[];
  /** Groups of lots that can be tendered for together; `procedure.groups` says which. */
  readonly groups: readonly Lot[];
  /** Planning notices: what may become lots. */
  readonly parts: readonly Lot[];
  readonly result?: Result;
  /** What must not be shown yet. `publicNotice` takes it away. */
  readonly withheld: readonly Withheld[];
}

/** BT-01, BT-09 */
export interface LegalBasis {
  /** A CELEX number such as 32014L0024, or 'other' */
  readonly regulation: string;
  /** BT-01(c), (d) by identifier; BT-01(e), (f) with local: true */
  readonly references: readonly { readonly id?: string; readonly scheme?: string; readonly text?: Text; readonly local?: true }[];
  /** BT-09(b) */
  readonly crossBorder?: Text;
}

/** This notice changes one that was published. */
export interface Change {
  /** BT-758 as written: id and version, or a publication number */
  readonly notice: string;
  readonly noticeId: string;
  readonly noticeVersion?: string;
  /** BT-140, BT-762 */
  readonly reasons: readonly { readonly code?: string; readonly text?: Text }[];
  /** BT-141, BT-13716, BT-718, BT-719 */
  readonly changes: readonly { readonly description?: Text; readonly sections: readonly string[]; readonly documentsChanged?: boolean; readonly documentsChangedOn?: string }[];
}

/** A contract was changed while it ran. */
export interface Modification {
  /** BT-1501(n) */
  readonly previousNotice?: string;
  /** BT-1501(c) */
  readonly contract?: string;
  /** BT-200, BT-201 */
  readonly reasons: readonly { readonly code?: string; readonly text?: Text }[];
  /** BT-202, BT-1501(p) */
  readonly changes: readonly { readonly description?: Text; readonly sections: readonly string[] }[];
}

export interface Buyer {
  /** OPT-300: an organisation's id, or that of one of its contact points */
  readonly ref: string;
  /** BT-11, such as 'la' for a local authority */
  readonly legalType?: string;
  /** BT-10, or BT-610 */
  readonly activity?: string;
  /** BT-740 */
  readonly contractingType?: string;
  /** BT-508 */
  readonly profileUrl?: string;
}

export interface Contact {
  /** BT-500 */
  readonly name?: Text;
  /** BT-16 */
  readonly department?: string;
  /** BT-502 */
  readonly contactPoint?: string;
  /** BT-510, BT-512, BT-513, BT-507, BT-514 */
  readonly address: Place;
  /** BT-506 */
  readonly email?: string;
  /** BT-503 */
  readonly telephone?: string;
  /** BT-505 */
  readonly website?: string;
}

export interface Organisation extends Contact {
  /** OPT-200 */
  readonly id: string;
  /** BT-501 as written, even if it says 'not available' */
  readonly companyId?: string;
  /** Eight digits, not checked against the last of them, when BT-501 is a Danish number. */
  readonly cvr?: string;
  /** BT-165: micro, small, medium, large, sme */
  readonly size?: string;
  /** BT-633 */
  readonly naturalPerson?: boolean;
  readonly contactPoints: readonly (Contact & { readonly id: string })[];
  readonly roles: readonly Role[];
}

export type Role =
  | ('buyer' | 'lead-buyer' | 'central-purchasing' | 'service-provider' | 'tenderer' | 'leader' | 'subcontractor' | 'signatory' | 'financing' | 'paying')
  | ('review' | 'review-information' | 'mediation' | 'documents' | 'information' | 'receives-tenders' | 'evaluates-tenders' | 'legislation');

export interface Procedure extends Purpose {
  /** BT-105 */
  readonly type?: string;
  /** BT-106, BT-1351 */
  readonly accelerated?: boolean;
  readonly acceleratedReason?: Text;
  /** BT-88 */
  readonly mainFeatures?: Text;
  /** BT-136, BT-135, BT-1252 */
  readonly directAward: readonly { readonly code?: string; readonly reason?: Text; readonly previousProcedure?: string }[];
  /** OPP-090 */
  readonly previousNotices: readonly PreviousNotice[];
  /** BT-31, BT-33, BT-763 */
  readonly maxLotsTendered?: string;
  readonly maxLotsAwarded?: string;
  readonly allLotsRequired?: boolean;
  /** BT-330, BT-1375 */
  readonly groups: readonly { readonly id: string; readonly lots: readonly string[] }[];
  /** BT-67, BT-806 */
  readonly exclusionGrounds: readonly { readonly code: string; readonly text?: Text }[];
  readonly exclusionSource?: string;
  /** BT-756: nothing more is bought through the planning notice that called for tenders. */
  readonly terminated?: boolean;
  /** BT-634 */
  readonly relaunched?: boolean;
}

/** A field that is kept back: BT-195 to BT-198 */
export interface Withheld {
  /** The number of the field, or undefined when the code is not known: then everything beside it that can be kept back is. */
  readonly field?: string;
  /** BT-198, the first day on which it may be shown; without it, never. */
  readonly until?: string;
  /** BT-197, BT-196 */
  readonly reason?: string;
  readonly text?: Text;
  /** The part of the notice that the mark stands in, such as ['result', 'tenders', 0] */
  readonly beside: readonly (string | number)[];
  /** The values that it hides, such as ['result', 'tenders', 0, 'value']; none where the notice came without them. */
  readonly at: readonly (readonly (string | number)[])[];
}

/** The text in the language that suits the reader best. `own` is the notice's own language. */
export function textIn(text: Text, reader: 'da' | 'en', own?: string): { text: string; lang: string } {
  const wanted = [...(reader === 'da' ? ['DAN', 'ENG'] : ['ENG', 'DAN']), ...(own ? [own] : []), ...Object.keys(text)];
  const lang = wanted.find((each) => Object.hasOwn(text, each)) ?? '';
  return { text: text[lang] ?? '', lang };
}
