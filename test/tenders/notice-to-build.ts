/** What a test can say of a notice that `buildNotice` makes. Left out means: as a plain Danish one has it. */
export type Words = string | Readonly<Record<string, string>>;
/** DKK unless it says otherwise. */
export type Money = string | readonly [amount: string, currency: string];
export interface PartyToBuild {
  readonly name: Words;
  /** As BT-501 is written. */
  readonly cvr?: string;
  readonly country?: string;
  readonly size?: string;
}
export interface MarkToBuild {
  /** BT-195, such as 'win-ten-val' */
  readonly field: string;
  /** BT-198 as written */
  readonly until?: string;
}
export interface LotToBuild {
  readonly id?: string;
  readonly scheme?: 'Lot' | 'LotsGroup' | 'Part';
  readonly title?: Words;
  readonly description?: Words;
  readonly cpv?: string;
  readonly value?: Money;
  readonly maximum?: Money;
  /** Date and time as written: ['2027-01-15+01:00', '12:00:00+01:00'] */
  readonly deadline?: readonly [date: string, time?: string];
  readonly requestDeadline?: readonly [date: string, time?: string];
  readonly questionDeadline?: readonly [date: string, time?: string];
  readonly opening?: readonly [date: string, time?: string];
  readonly start?: string;
  readonly end?: string;
  readonly months?: string;
  readonly maxRenewals?: string;
  readonly framework?: string;
  readonly dynamicSystem?: string;
  readonly nuts?: readonly string[];
  readonly city?: string;
  readonly documentsUrl?: string;
  readonly submissionUrl?: string;
  /** Lists and codes of cac:ProcurementAdditionalType: { 'environmental-impact': ['circ-econ'] } */
  readonly marks?: Readonly<Record<string, readonly string[]>>;
  readonly reserved?: string;
  readonly suitableForSmall?: boolean;
  readonly criteria?: readonly { readonly type: string; readonly name?: Words; readonly weight?: string; readonly withheld?: readonly MarkToBuild[] }[];
  readonly reviewBody?: string;
  /** More XML, in the lot's terms, process or project. */
  readonly terms?: string;
  readonly process?: string;
  readonly project?: string;
}
export interface WinnerToBuild {
  /** The first leads when there are several. */
  readonly members: readonly PartyToBuild[];
  readonly subcontractors?: readonly PartyToBuild[];
  readonly value?: Money;
  readonly rank?: string;
  readonly contract?: string;
  readonly title?: Words;
  readonly awarded?: string;
  readonly concluded?: string;
  readonly withheld?: readonly MarkToBuild[];
  /** More XML in the tender. */
  readonly tender?: string;
}
export interface ResultToBuild {
  readonly total?: Money;
  readonly withheld?: readonly MarkToBuild[];
  readonly lots: readonly {
    readonly lot: string;
    readonly chosen?: string;
    readonly reason?: string;
    readonly received?: Readonly<Record<string, string>>;
    readonly maximum?: Money;
    readonly reestimated?: Money;
    readonly withheld?: readonly MarkToBuild[];
    readonly winners?: readonly WinnerToBuild[];
  }[];
  /** More XML in efac:NoticeResult. */
  readonly more?: string;
}
export interface NoticeToBuild {
  readonly subtype?: string;
  readonly id?: string;
  readonly version?: string;
  /** null: none, as most planning notices */
  readonly procedureId?: string | null;
  readonly sdk?: string;
  readonly language?: string;
  readonly dispatched?: readonly [date: string, time: string];
  readonly planned?: string;
  readonly regulation?: string;
  readonly title?: Words;
  readonly description?: Words;
  readonly cpv?: string;
  readonly nature?: string;
  readonly value?: Money;
  readonly procedure?: string;
  readonly buyers?: readonly PartyToBuild[];
  readonly organisations?: readonly PartyToBuild[];
  readonly lots?: readonly LotToBuild[];
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly change?: {
    readonly notice: string;
    readonly reasons: readonly string[];
    readonly changes?: readonly { readonly description: Words; readonly sections: readonly string[]; readonly documentsChangedOn?: string }[];
  };
  readonly modification?: {
    readonly notice: string;
    readonly contract?: string;
    readonly reason: string;
    readonly text?: Words;
    readonly description: Words;
    readonly sections?: readonly string[];
  };
  readonly result?: ResultToBuild;
  readonly publication?: { readonly number: string; readonly gazette?: string; readonly date: string };
  /** More XML in cac:TenderingProcess, cac:TenderingTerms, or below the root. */
  readonly process?: string;
  readonly terms?: string;
  readonly more?: string;
}
