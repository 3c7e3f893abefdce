import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, test } from 'vitest';
import { lists } from '../../src/opendata/lists/lists.ts';
import { problemSchema } from '../../src/opendata/lists/schemas.ts';
import { formats, listNames, listPath } from '../../src/opendata/publication.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
});
const local = (address: string): string => new URL(address).pathname + new URL(address).search;

interface Operation {
  operationId: string;
  security?: object[];
  responses: Record<string, { description: string; content: Record<string, { schema: Record<string, unknown>; examples?: { real: { externalValue: string } } }> }>;
}
interface Document {
  openapi: string;
  info: { title: string; license: object };
  servers: { url: string }[];
  paths: Record<string, { get: Operation; post?: Operation; parameters?: object[] }>;
  components: { schemas: Record<string, { type: string; properties?: Record<string, unknown> }> };
}
const contract = async (): Promise<Document> => (await visitor.get('/api/v1/openapi.json')).json() as Promise<Document>;

/** Everything in a tree that has a key. */
function* valuesOf(tree: unknown, key: string): Generator<unknown> {
  if (typeof tree !== 'object' || tree === null) return;
  for (const [name, value] of Object.entries(tree)) {
    if (name === key) yield value;
    yield* valuesOf(value, key);
  }
}

describe('the OpenAPI document', () => {
  test('is valid by the published schema of OpenAPI 3.1, which refuses it when a part is of the wrong kind', async () => {
    const document = await contract();
    expect(await new Validator().validate({ ...document })).toEqual({ valid: true });
    const wrong = await new Validator().validate({ ...document, paths: { ...document.paths, '/wrong': { get: { responses: 'yes' } } } });
    expect(wrong.valid).toBe(false);
  });

  test('is of version 3.1, names every address of the contract, each operation once, and every reference leads somewhere', async () => {
    const document = await contract();
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(Object.keys(document.paths).sort()).toEqual(
      [
        ...listNames.flatMap((name) => formats.map((format) => listPath(name, format))),
        '/api/v1/ocds/releases',
        '/api/v1/ocds/records/{ocid}',
        '/api/v1/ocds/packages/{year}.json',
        '/api/v1/openapi.json',
        '/api/v1/dcat.jsonld',
        '/api/v1/obligations',
        '/api/v1/obligations/{id}/returns',
        '/api/v1/obligation-types/{type}.schema.json',
      ].sort(),
    );
    const ids = Object.values(document.paths).flatMap(({ get, post }) => [get, ...(post ? [post] : [])].map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
    const references = [...valuesOf(document, '$ref')] as string[];
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      const found = reference
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], document);
      expect([reference, typeof found]).toEqual([reference, 'object']);
    }
    for (const [path, item] of Object.entries(document.paths))
      for (const name of path.matchAll(/\{(\w+)\}/g)) expect(JSON.stringify(item)).toContain(`"name":"${name[1]}","in":"path"`);
  });

  test('describes the items by the schemas that build them', async () => {
    const { components } = await contract();
    for (const [name, list] of Object.entries({ Agreement: lists.agreements, Supplier: lists.suppliers, Requirement: lists.requirements, Tender: lists.tenders })) {
      const { items } = (await (await visitor.get(`/api/v1/${list.name}.json?limit=1`)).json()) as { items: object[] };
      expect(Object.keys(components.schemas[name]?.properties ?? {}).sort()).toEqual(Object.keys(items[0] ?? {}).sort());
    }
  });

  test('each of its examples is an address that gives the status, the type and the form that it says', async () => {
    const { paths } = await contract();
    let checked = 0;
    for (const [path, { get }] of Object.entries(paths)) {
      // Answers to a key are no examples; test/returns/api-contract.test.ts holds them to their schemas.
      if (get.security) continue;
      for (const [status, { content }] of Object.entries(get.responses)) {
        for (const [type, { schema, examples }] of Object.entries(content)) {
          const address = examples?.real.externalValue ?? '';
          expect([path, status, address !== '']).toEqual([path, status, true]);
          const response = await visitor.get(local(address));
          expect([address, response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([address, Number(status), type]);
          checked += 1;
          if (!type.endsWith('json')) continue;
          const body: unknown = await response.json();
          const list = listNames.find((name) => path === listPath(name, 'json'));
          if (status !== '200') problemSchema.parse(body);
          else if (list) lists[list].answer.parse(body);
          else for (const key of (schema['required'] as string[] | undefined) ?? []) expect(Object.keys(body as object)).toContain(key);
        }
      }
    }
    expect(checked).toBeGreaterThan(20);
  });
});

describe('the DCAT-AP catalogue', () => {
  type Node = Record<string, unknown> & { '@id': string; '@type': string };
  test('has what the profile asks of a catalogue, of each dataset and of each distribution, and every file is there', async () => {
    const response = await visitor.get('/api/v1/dcat.jsonld');
    expect(response.headers.get('content-type')).toBe('application/ld+json');
    const { '@graph': graph, '@context': context } = (await response.json()) as { '@graph': Node[]; '@context': Record<string, string> };
    const ofType = (type: string): Node[] => graph.filter((node) => node['@type'] === type);
    const [catalogue] = ofType('dcat:Catalog');
    for (const property of ['dct:title', 'dct:description', 'dct:publisher', 'dct:license', 'dct:language', 'foaf:homepage', 'dcat:dataset'])
      expect([property, catalogue?.[property] !== undefined]).toEqual([property, true]);
    const datasets = ofType('dcat:Dataset');
    expect(datasets).toHaveLength(5);
    expect(catalogue?.['dcat:dataset']).toEqual(datasets.map((each) => ({ '@id': each['@id'] })));
    for (const dataset of datasets) {
      for (const property of ['dct:title', 'dct:description', 'dct:publisher', 'dcat:contactPoint', 'dct:language', 'dct:accrualPeriodicity', 'dcat:theme'])
        expect([property, dataset[property] !== undefined]).toEqual([property, true]);
      for (const distribution of dataset['dcat:distribution'] as Node[]) {
        for (const property of ['dcat:accessURL', 'dct:license', 'dct:format', 'dcat:mediaType', 'dct:title'])
          expect([property, distribution[property] !== undefined]).toEqual([property, true]);
        const { status, headers } = await visitor.get(local((distribution['dcat:downloadURL'] as { '@id': string })['@id']));
        const type = (distribution['dcat:mediaType'] as { '@id': string })['@id'].replace('https://www.iana.org/assignments/media-types/', '');
        expect([distribution['@id'], status, headers.get('content-type')?.split(';')[0]]).toEqual([distribution['@id'], 200, type]);
      }
    }
    // Every prefix that is used is declared, and everything that is pointed at on this site is described or a page.
    const used = new Set([...JSON.stringify(graph).matchAll(/"(?:@type":")?([a-z]+):[A-Za-z]+"(?=:|[,}])/g)].map((found) => found[1] ?? ''));
    for (const prefix of used) expect(Object.keys(context)).toContain(prefix);
    for (const dataset of datasets)
      for (const property of ['dct:publisher', 'dcat:contactPoint']) expect(graph.map((node) => node['@id'])).toContain((dataset[property] as { '@id': string })['@id']);
  });
});
