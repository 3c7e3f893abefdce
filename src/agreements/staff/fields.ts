import type { keepMessages } from './messages.ts';

export type FieldName = Exclude<keyof typeof keepMessages.da.labels, 'mandatory' | 'acceptCvr' | 'requirements'>;
export type FieldType = 'short' | 'text' | 'longtext' | 'select';

/** The fields of the form, in groups, each as wide as what goes in it. */
export const groups: readonly { readonly name: keyof typeof keepMessages.da.groups; readonly fields: readonly (readonly [FieldName, FieldType])[] }[] = [
  {
    name: 'about',
    fields: [
      ['number', 'short'],
      ['titleDa', 'text'],
      ['titleEn', 'text'],
      ['summaryDa', 'longtext'],
      ['summaryEn', 'longtext'],
      ['kind', 'select'],
      ['kindOfContract', 'select'],
      ['procedure', 'select'],
      ['cpv', 'text'],
      ['nuts', 'short'],
    ],
  },
  {
    name: 'buyer',
    fields: [
      ['coverageDa', 'longtext'],
      ['coverageEn', 'longtext'],
      ['orderingDa', 'longtext'],
      ['orderingEn', 'longtext'],
      ['notCoveredDa', 'longtext'],
      ['notCoveredEn', 'longtext'],
      ['priceListUrl', 'text'],
      ['contactTeamDa', 'text'],
      ['contactTeamEn', 'text'],
      ['contactEmail', 'text'],
    ],
  },
  {
    name: 'period',
    fields: [
      ['startsOn', 'short'],
      ['endsOn', 'short'],
      ['options', 'longtext'],
      ['value', 'short'],
      ['valueBand', 'select'],
      ['predecessor', 'short'],
    ],
  },
  {
    name: 'parties',
    fields: [
      ['suppliers', 'longtext'],
      ['lots', 'longtext'],
    ],
  },
  {
    name: 'more',
    fields: [
      ['notices', 'longtext'],
      ['documents', 'longtext'],
      ['changes', 'longtext'],
    ],
  },
];

export const required: ReadonlySet<string> = new Set<FieldName>(['number', 'titleDa', 'kind', 'kindOfContract', 'procedure', 'startsOn', 'endsOn', 'suppliers']);
/** Those with an entry on each line. */
export const listed: ReadonlySet<string> = new Set<FieldName>(['options', 'lots', 'notices', 'documents', 'changes', 'suppliers']);
