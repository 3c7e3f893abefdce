import { type AgreementInput, agreementContentSchema } from '../../src/agreements/content.ts';
import { ocdsContext } from '../../src/opendata/context.ts';
import { type OcdsVersion, releaseOf, type StandingOfSupplier } from '../../src/opendata/ocds/release.ts';
import { writtenContent } from '../support/content.ts';

export const siteUrl = new URL('https://indkoeb.example.dk');
export const about = ocdsContext(writtenContent(), siteUrl);

/** An agreement with everything that can be said of one: lots, a consortium, an option in use, documents open and withheld. */
export const whole: AgreementInput = {
  number: '2025-Ø7',
  kind: 'framework',
  kindOfContract: 'services',
  title: { da: 'Vask af tekstiler', en: 'Laundry' },
  summary: { da: 'Vask og leje.' },
  cpvMain: '98310000',
  cpv: ['98310000', '98311000'],
  startsOn: '2025-03-30',
  endsOn: '2026-10-25',
  options: [
    { extendsTo: '2027-10-25', noticeBy: '2026-06-30', used: true },
    { extendsTo: '2028-10-25', noticeBy: '2027-06-30' },
  ],
  procedure: 'open',
  valueOre: 1_234_567_89,
  suppliers: [
    { cvr: '90000004', name: 'Et A/S' },
    { cvr: '90002740', name: 'To A/S', consortium: 'Vaskeringen' },
    { cvr: '90004115', name: 'Tre ApS', consortium: 'Vaskeringen' },
  ],
  lots: [
    { number: '1', title: { da: 'Skoler' }, suppliers: ['90000004', '90002740', '90004115'] },
    { number: '2', title: { da: 'Plejehjem' }, suppliers: ['90000004'] },
  ],
  requirements: ['tekstiler-og-vask', 'klimaaftryk-af-leverancer', 'arbejdsklausul', 'forsikring'],
  predecessor: '2021-003',
  priceListUrl: 'https://example.dk/priser.pdf',
  notices: [{ system: 'ted', reference: '000000-2025', url: 'https://ted.europa.eu/en/notice/-/detail/000000-2025' }],
  documents: [
    { title: { da: 'Kontrakt' }, url: 'https://example.dk/kontrakt.pdf' },
    { title: { da: 'Bilag 3' }, withheld: { ground: 'offentlighedsloven § 30', reason: { da: 'Forretningsforhold' }, reviewOn: '2027-01-01' } },
  ],
  changes: [{ on: '2026-02-01', ground: 'udbudsloven § 183', text: { da: 'Ny adresse' } }],
};
export const version = (changes: Partial<OcdsVersion> = {}, content: Partial<AgreementInput> = {}): OcdsVersion => ({
  number: 1,
  event: 'published',
  content: agreementContentSchema.parse({ ...whole, ...content }),
  note: '',
  publishedAt: new Date('2025-03-01T09:30:00Z'),
  ...changes,
});
export const standing = (state: string, rest: Partial<StandingOfSupplier> = {}): StandingOfSupplier => ({
  cvr: '90000004',
  requirement_id: 'arbejdsklausul',
  type: 'arbejdsklausul-erklaering',
  lot: null,
  period: '2025',
  state,
  due_on: '2026-01-31',
  decided_at: null,
  ...rest,
});

export interface Contract {
  id: string;
  awardID: string;
  status: string;
  period: Record<string, string>;
  documents: { id: string; url?: string }[];
  amendments: { id: string; rationale?: string; releaseID?: string; amendsReleaseID?: string }[];
  implementation?: { milestones: { id: string; status: string; code: string; dateMet?: string; title: string; dueDate: string }[] };
}
export type Release = {
  id: string;
  tag: string[];
  date: string;
  awards: { id: string; status: string; suppliers: { id: string }[]; relatedLots?: string[] }[];
  contracts: Contract[];
  tender: Record<string, unknown>;
  parties: { id: string; roles: string[]; identifier: object }[];
  relatedProcesses?: object[];
};
export const release = (of: OcdsVersion): Release => releaseOf(of, about) as unknown as Release;
export const milestonesIn = (record: unknown) =>
  (record as { compiledRelease: Release }).compiledRelease.contracts.flatMap(({ implementation }) => implementation?.milestones ?? []);
