import { pathTo } from '../i18n/routes.ts';
import type { Municipality } from '../municipality/municipality.ts';
import { openDataMessages } from './messages.ts';
import { formats, licence, listNames, listPath, mediaTypes, paths } from './publication.ts';

const { da, en } = openDataMessages;
const eu = (list: string, code: string) => ({ '@id': `http://publications.europa.eu/resource/authority/${list}/${code}` });
const media = (type: string) => ({ '@id': `https://www.iana.org/assignments/media-types/${type}` });
const inBoth = (danish: string, english: string) => [
  { '@language': 'da', '@value': danish },
  { '@language': 'en', '@value': english },
];

/** The catalogue of the open data for portals that collect them (DCAT-AP 3.0, JSON-LD 1.1), with codes of the EU authority tables. */
export function dcatCatalogue({ siteUrl, owner, years }: { readonly siteUrl: URL; readonly owner: Municipality; readonly years: readonly number[] }): object {
  const full = (path: string): string => new URL(path, siteUrl).href;
  const publisher = { '@id': full('/#publisher') };
  const contact = { '@id': full('/#contact') };
  const page = { '@id': full(pathTo('data', 'da')) };
  const distribution = (path: string, format: string, type: string, title: [da: string, en: string], rest: object = {}) => ({
    '@id': full(path),
    '@type': 'dcat:Distribution',
    'dct:title': inBoth(...title),
    'dcat:accessURL': { '@id': full(path) },
    'dcat:downloadURL': { '@id': full(path) },
    'dct:format': eu('file-type', format),
    'dcat:mediaType': media(type),
    'dct:license': { '@id': licence.url },
    'dcatap:availability': { '@id': 'http://publications.europa.eu/resource/authority/planned-availability/STABLE' },
    ...rest,
  });
  const dataset = (id: string, title: [da: string, en: string], text: [da: string, en: string], distributions: object[]) => ({
    '@id': full(`/#${id}`),
    '@type': 'dcat:Dataset',
    'dct:identifier': full(`/#${id}`),
    'dct:title': inBoth(...title),
    'dct:description': inBoth(...text),
    'dct:publisher': publisher,
    'dcat:contactPoint': contact,
    'dcat:landingPage': page,
    'dcat:theme': [eu('data-theme', 'GOVE'), eu('data-theme', 'ECON')],
    'dcat:keyword': [...inBoth('indkøb', 'procurement'), ...inBoth(title[0].toLowerCase(), title[1].toLowerCase())],
    'dct:language': [eu('language', 'DAN'), eu('language', 'ENG')],
    'dct:spatial': { '@id': `http://data.europa.eu/nuts/code/${owner.nuts}` },
    'dct:accessRights': eu('access-right', 'PUBLIC'),
    'dct:accrualPeriodicity': eu('frequency', 'UPDATE_CONT'),
    'dcat:distribution': distributions,
  });
  const ocdsTitle: [string, string] = [da.ocds, en.ocds];
  const conforms = { 'dct:conformsTo': { '@id': 'https://standard.open-contracting.org/1.1/en/' } };
  const datasets = [
    ...listNames.map((name) => {
      const titleIn = (format: string): [string, string] => [da.fileOf(da.lists[name].name, format), en.fileOf(en.lists[name].name, format)];
      return dataset(
        name,
        [da.lists[name].name, en.lists[name].name],
        [da.lists[name].text, en.lists[name].text],
        formats.map((format) => distribution(listPath(name, format), format.toUpperCase(), mediaTypes[format], titleIn(format.toUpperCase()))),
      );
    }),
    dataset(
      'ocds',
      ocdsTitle,
      [da.ocdsLead, en.ocdsLead],
      [
        distribution(paths.releases, 'JSON', mediaTypes.json, [da.ocdsReleases, en.ocdsReleases], conforms),
        ...years.map((year) => distribution(paths.package(String(year)), 'JSON', mediaTypes.json, [da.ocdsYear(year), en.ocdsYear(year)], conforms)),
      ],
    ),
  ];
  return {
    '@context': {
      dcat: 'http://www.w3.org/ns/dcat#',
      dcatap: 'http://data.europa.eu/r5r/',
      dct: 'http://purl.org/dc/terms/',
      foaf: 'http://xmlns.com/foaf/0.1/',
      vcard: 'http://www.w3.org/2006/vcard/ns#',
    },
    '@graph': [
      {
        '@id': full(paths.dcat),
        '@type': 'dcat:Catalog',
        'dct:title': inBoth(da.apiTitle(owner.name.da), en.apiTitle(owner.name.en)),
        'dct:description': inBoth(da.lead, en.lead),
        'dct:publisher': publisher,
        'dct:license': { '@id': licence.url },
        'dct:language': [eu('language', 'DAN'), eu('language', 'ENG')],
        'dct:spatial': { '@id': `http://data.europa.eu/nuts/code/${owner.nuts}` },
        'dcat:contactPoint': contact,
        'foaf:homepage': page,
        'dcat:themeTaxonomy': { '@id': 'http://publications.europa.eu/resource/authority/data-theme' },
        'dcat:dataset': datasets.map(({ '@id': id }) => ({ '@id': id })),
        'dcat:service': { '@id': full('/#api') },
      },
      {
        '@id': full('/#api'),
        '@type': 'dcat:DataService',
        'dct:title': inBoth(da.apiTitle(owner.name.da), en.apiTitle(owner.name.en)),
        'dcat:endpointURL': { '@id': full('/api/v1') },
        'dcat:endpointDescription': { '@id': full(paths.openapi) },
        'dcat:servesDataset': datasets.map(({ '@id': id }) => ({ '@id': id })),
        'dct:license': { '@id': licence.url },
        'dct:publisher': publisher,
      },
      ...datasets,
      {
        '@id': publisher['@id'],
        '@type': 'foaf:Agent',
        'foaf:name': inBoth(owner.name.da, owner.name.en),
        'dct:identifier': `DK-CVR-${owner.cvr}`,
        'dct:type': { '@id': 'http://purl.org/adms/publishertype/LocalAuthority' },
      },
      {
        '@id': contact['@id'],
        '@type': 'vcard:Kind',
        'vcard:fn': inBoth(owner.team.da, owner.team.en),
        'vcard:hasEmail': { '@id': `mailto:${owner.email}` },
        'vcard:hasTelephone': { '@id': `tel:+45${owner.phone.replace(/\s/g, '')}` },
      },
      { '@id': licence.url, '@type': 'dct:LicenseDocument', 'dct:title': licence.name, 'dct:type': { '@id': 'http://purl.org/adms/licencetype/Attribution' } },
    ],
  };
}
