/** What holds for everything that is given out as open data. */
export const licence = { name: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' } as const;

/**
 * The prefix of every ocid (OCDS 1.1.5, "Open Contracting Identifier"). Open Contracting Partnership hands them out;
 * until this publisher has its own, the placeholder stands here and the data page says so.
 */
export const ocidPrefix = 'ocds-xxxxxx';
export const ocidPrefixIsPlaceholder = /x{6}$/.test(ocidPrefix);

export const apiBase = '/api/v1';
export const listNames = ['agreements', 'suppliers', 'requirements', 'tenders'] as const;
export const formats = ['json', 'csv', 'xlsx'] as const;
export type ListName = (typeof listNames)[number];
export type Format = (typeof formats)[number];

/** The address of a list, without host. */
export const listPath = (name: ListName, format: Format): string => `${apiBase}/${name}.${format}`;
export const paths = {
  releases: `${apiBase}/ocds/releases`,
  record: (ocid: string) => `${apiBase}/ocds/records/${encodeURIComponent(ocid)}`,
  package: (year: string) => `${apiBase}/ocds/packages/${year}.json`,
  openapi: `${apiBase}/openapi.json`,
  dcat: `${apiBase}/dcat.jsonld`,
} as const;

export const mediaTypes = {
  json: 'application/json',
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const satisfies Record<Format, string>;
