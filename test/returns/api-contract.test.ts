import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Program, programOf, returnTask } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { rightLine } from './support.ts';

let server: TestServer;
let visitor: Visitor;
let program: Program;
beforeAll(async () => {
  server = await startServer();
  visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  program = await programOf(server, visitor);
});

const ajv = (): Ajv2020 => {
  const validator = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(validator);
  return validator;
};
const own = { ...rightLine, aftalenummer: '2024-031' };

describe('the answers to a program', () => {
  /** Holds an answer to a schema of the OpenAPI document. */
  async function contract(): Promise<(name: string, response: Response) => Promise<void>> {
    const document = (await (await visitor.get('/api/v1/openapi.json')).json()) as object;
    const validator = ajv().addSchema({ $id: 'contract', ...document });
    return async (name, response) => {
      const check = validator.getSchema(`contract#/components/schemas/${name}`);
      check?.(await response.json());
      expect([name, check?.errors ?? null]).toEqual([name, null]);
    };
  }

  test('are as the OpenAPI document says, of each kind', async () => {
    const holds = await contract();
    const task = await returnTask(server);
    const lines = [own, { ...own, fakturanummer: 'F-2', fakturadato: '14-07-2026' }];
    await holds('ObligationList', await program.ask('/api/v1/obligations?limit=1000'));
    await holds('Returns', await program.ask(task.returns));
    await holds('Checked', await program.send(`${task.returns}?dryRun=true`, { lines: [{ ...own, antal: 'x' }] }));
    await holds('Kept', await program.send(task.returns, { lines }));
    await holds('Returns', await program.ask(task.returns));
    await holds('Problem', await program.send(`${task.returns}?file=true`, { lines: [{ ...own, antal: 'x' }] }));
    await holds('Filed', await program.send(`${task.returns}?file=true`, { lines }));
    await holds('Returns', await program.ask(task.returns));
    await holds('Problem', await program.ask('/api/v1/obligations?limit=x'));
    await holds('Problem', await visitor.get('/api/v1/obligations'));
  });

  test('would be seen to differ', async () => {
    const holds = await contract();
    await expect(holds('Filed', await program.ask('/api/v1/obligations'))).rejects.toThrow();
  });
});

describe('the schema of a type', () => {
  const published = async (type: string): Promise<Response> => visitor.get(`/api/v1/obligation-types/${type}.schema.json`);

  test('is public, may be kept, and takes what the door takes and refuses what it refuses', async () => {
    const response = await published('salgsstatistik');
    expect([response.headers.get('content-type'), response.headers.get('cache-control'), response.headers.get('access-control-allow-origin')]).toEqual([
      'application/schema+json',
      'public, max-age=60',
      '*',
    ]);
    const check = ajv().compile((await response.json()) as object);
    const bodies = [
      { lines: [own] },
      { lines: [{ ...own, kunde_gln: 5_798_999_900_016, antal: 1.5, paa_aftale: true, miljoemaerke: ['fsc', 'pefc'], cpv: null }] },
      { nothing: true },
      {},
      { draft: '00000000-0000-4000-8000-000000000000' },
      { lines: [] },
      { lines: [{ ...own, antalx: 1 }] },
      { lines: [{ ...own, antal: true }] },
      { lines: [{ ...own, antal: [1] }] },
      { lines: [{ ...own, varetekst: 'a\0' }] },
      { lines: [{ ...own, varenummer: 1.5 }] },
      { nothing: false },
      { draft: 'mine' },
      { answers: {} },
      [],
      null,
    ];
    for (const body of bodies) {
      const task = await returnTask(server);
      const { status } = await program.send(`${task.returns}?file=true`, body);
      expect([JSON.stringify(body), check(body)]).toEqual([JSON.stringify(body), status !== 400]);
    }
  });

  test('exists for every type, is valid JSON Schema, and for none that there is not', async () => {
    const { items } = (await (await program.ask('/api/v1/obligations?limit=1000')).json()) as { items: { schema: string }[] };
    for (const schema of new Set(items.map((item) => item.schema))) {
      const body = (await (await visitor.get(new URL(schema).pathname)).json()) as { $id: string };
      expect([schema, body.$id, ajv().validateSchema(body)]).toEqual([schema, schema, true]);
    }
    expect([(await published('none')).status, (await published('__proto__')).status, (await published('salgsstatistik%00')).status]).toEqual([404, 404, 404]);
  });
});
