import { z } from 'zod';
import type { Municipality } from '../municipality/municipality.ts';
import { defaultLimit, highestLimit } from './lists/list.ts';
import { lists } from './lists/lists.ts';
import { problemSchema } from './lists/schemas.ts';
import { openDataMessages } from './messages.ts';
import { ocidOf } from './ocds/release.ts';
import { programComponents, programOperations } from './openapi-programs.ts';
import { type ListName, licence, listNames, listPath, mediaTypes, paths } from './publication.ts';

interface Described {
  readonly siteUrl: URL;
  readonly owner: Municipality;
  readonly title: string;
  /** A real agreement and a real year to show answers of; absent on an empty site. */
  readonly agreement: string | undefined;
  readonly year: number | undefined;
  /** A type of documentation that is sent as lines. */
  readonly lineType: string | undefined;
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const wordOf: Readonly<Record<ListName, string>> = { agreements: 'Agreement', suppliers: 'Supplier', requirements: 'Requirement', tenders: 'Tender' };

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'output' });
  return rest;
}

/** OCDS has its own schemas; what is said here is where they lie and what every package has. */
const ocdsSchema = (content: 'release' | 'record') => ({
  type: 'object',
  description: `OCDS 1.1.5 ${content} package`,
  externalDocs: { url: `https://standard.open-contracting.org/schema/1__1__5/${content}-package-schema.json` },
  required: ['uri', 'version', 'publishedDate', 'publisher', `${content}s`],
  properties: {
    uri: { type: 'string', format: 'uri' },
    version: { const: '1.1' },
    publishedDate: { type: 'string', format: 'date-time' },
    publisher: { type: 'object' },
    [`${content}s`]: { type: 'array', items: { type: 'object' } },
  },
});

/** The contract of the open data as an OpenAPI 3.1 document, made from the schemas that build the answers. Examples are addresses of real answers. */
export function openApiDocument({ siteUrl, owner, title, agreement, year, lineType }: Described): object {
  const example = (address: string) => ({ examples: { real: { externalValue: new URL(address, siteUrl).href } } });
  const problems = (statuses: readonly [status: string, description: string, address?: string][]) =>
    Object.fromEntries(
      statuses.map(([status, description, address]) => [
        status,
        { description, content: { 'application/problem+json': { schema: ref('Problem'), ...(address && example(address)) } } },
      ]),
    );
  const get = (operationId: string, summary: string, type: string, schema: object, address: string | undefined, rest: { parameters?: object[]; problems?: object } = {}) => ({
    get: {
      operationId,
      summary,
      ...(rest.parameters && { parameters: rest.parameters }),
      responses: { 200: { description: 'The data', content: { [type]: { schema, ...(address && example(address)) } } }, ...rest.problems },
    },
  });
  const inQuery = (name: string, description: string, schema: object) => ({ name, in: 'query', required: false, description, schema });
  const inPath = (name: string, description: string, schema: object, shown?: string) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema,
    ...(shown && { example: shown }),
  });
  const cursor = inQuery('cursor', 'From the previous answer', { type: 'string' });
  const file = { type: 'string', contentMediaType: 'application/octet-stream' };

  const ofLists = listNames.flatMap((name) => {
    const json = listPath(name, 'json');
    const word = openDataMessages.en.lists[name].name;
    return [
      [
        json,
        get(name, `${word}: ${openDataMessages.en.lists[name].text}`, mediaTypes.json, ref(`${wordOf[name]}List`), `${json}?limit=2`, {
          parameters: [inQuery('limit', 'Items in the answer', { type: 'integer', minimum: 1, maximum: highestLimit, default: defaultLimit }), cursor],
          problems: problems([['400', 'limit or cursor cannot be read', `${json}?limit=0`]]),
        }),
      ],
      [listPath(name, 'csv'), get(`${name}Csv`, `${word}, the whole list as CSV with Danish column names`, mediaTypes.csv, file, listPath(name, 'csv'))],
      [listPath(name, 'xlsx'), get(`${name}Xlsx`, `${word}, the whole list as a spreadsheet`, mediaTypes.xlsx, file, listPath(name, 'xlsx'))],
    ] as const;
  });
  const ocid = agreement === undefined ? undefined : ocidOf(agreement);
  const shownYear = year === undefined ? undefined : String(year);
  return {
    openapi: '3.1.1',
    info: {
      title,
      version: '1',
      summary: openDataMessages.en.lead,
      description: openDataMessages.en.machineLead,
      license: { name: licence.name, url: licence.url },
      contact: { name: owner.team.en, email: owner.email },
    },
    servers: [{ url: siteUrl.href.replace(/\/$/, '') }],
    paths: {
      ...Object.fromEntries(ofLists),
      [paths.releases]: get('ocdsReleases', 'Releases from a place on; go on from links.next', mediaTypes.json, ref('OcdsReleasePackage'), paths.releases, {
        parameters: [cursor],
        problems: problems([['400', 'cursor cannot be read', `${paths.releases}?cursor=none`]]),
      }),
      '/api/v1/ocds/records/{ocid}': get('ocdsRecord', 'One contracting process with its history', mediaTypes.json, ref('OcdsRecordPackage'), ocid && paths.record(ocid), {
        parameters: [inPath('ocid', 'Of a release', { type: 'string' }, ocid)],
        problems: problems([['404', 'No such process', paths.record('ocds-000000-none')]]),
      }),
      '/api/v1/ocds/packages/{year}.json': get('ocdsPackage', 'All releases of a year', mediaTypes.json, ref('OcdsReleasePackage'), shownYear && paths.package(shownYear), {
        parameters: [inPath('year', 'Of publication, Danish time', { type: 'string', pattern: '^\\d{4}$' }, shownYear)],
        problems: problems([['404', 'Nothing was published', paths.package('1999')]]),
      }),
      [paths.openapi]: get('openapi', 'This document', mediaTypes.json, { type: 'object' }, paths.openapi),
      [paths.dcat]: get('dcat', 'The catalogue as DCAT-AP', 'application/ld+json', { type: 'object' }, paths.dcat),
      ...programOperations({ siteUrl, lineType }),
    },
    components: {
      securitySchemes: programComponents.securitySchemes,
      schemas: {
        ...Object.fromEntries(
          listNames.flatMap((name) => {
            const answer = schemaOf(lists[name].answer) as { properties: object };
            return [
              [wordOf[name], schemaOf(lists[name].item)],
              [`${wordOf[name]}List`, { ...answer, properties: { ...answer.properties, items: { type: 'array', items: ref(wordOf[name]) } } }],
            ];
          }),
        ),
        OcdsReleasePackage: ocdsSchema('release'),
        OcdsRecordPackage: ocdsSchema('record'),
        ...programComponents.schemas,
        Problem: schemaOf(problemSchema),
      },
    },
  };
}
