import { beforeAll, expect, test } from 'vitest';
import { chance } from '../support/cutting-proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { checksumHeader, created, offsetAt, pdfTask, sha256Of, somePdf, type Tus, tus } from '../support/tus.ts';
import { Visitor } from '../support/visitor.ts';

/** One bit changes on the way. */
const flips = 1_000;
const atOnce = 8;

let server: TestServer;
let client: Tus;
let task: { id: string };
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
  const visitor = new Visitor(server.base);
  await visitor.logIn('leverandoer@demo.example');
  client = tus(visitor);
  task = await pdfTask(server.database);
});

function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

/** Does something many times, a few at once, and counts what came of it. */
async function tally(count: number, once: (number: number) => Promise<string>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const outcome = await once(next++);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return counts;
}

const documents = async (): Promise<number> => (await server.database.owner.db.selectFrom('document').select('id').where('obligation_id', '=', task.id).execute()).length;

test(`of ${flips} files in which one bit was changed on the way, none is accepted when its SHA-256 was declared`, async () => {
  const random = chance(7);
  const outcomes = await tally(flips, async (number) => {
    const bytes = somePdf(500 + Math.floor(random() * 8_000));
    const changed = flipped(bytes, Math.floor(random() * bytes.length * 8));
    const said = { filename: `${number}.pdf`, obligation: task.id, sha256: sha256Of(bytes) };
    if (number % 2 === 0) return String((await client.create(bytes.length, said, {}, changed)).status);
    const at = await created(client, bytes.length, said);
    const half = bytes.length >> 1;
    const first = await client.patch(at, 0, changed.subarray(0, half));
    const answer = first.status === 204 ? await client.patch(at, half, changed.subarray(half)) : first;
    return String(answer.status);
  });
  console.log(`${flips} bit flips with a declared SHA-256: ${JSON.stringify(outcomes)}, ${await documents()} accepted`);
  expect(outcomes['201'] ?? outcomes['204'] ?? 0).toBe(0);
  expect((outcomes['460'] ?? 0) + (outcomes['415'] ?? 0)).toBe(flips);
  expect(await documents()).toBe(0);

  const control = await tally(100, async (number) => {
    const bytes = somePdf(500 + Math.floor(random() * 8_000));
    const changed = flipped(bytes, Math.floor(random() * bytes.length * 8));
    return String((await client.create(bytes.length, { filename: `${number}.pdf`, obligation: task.id }, {}, changed)).status);
  });
  console.log(`control, 100 bit flips without one: ${JSON.stringify(control)}`);
  expect(control['201']).toBeGreaterThan(90);
}, 120_000);

test('a part in which one bit was changed does not count when it came with a checksum, and comes again', async () => {
  const random = chance(8);
  const bytes = somePdf(60_000);
  const at = await created(client, bytes.length, { filename: 'dele.pdf', obligation: task.id, sha256: sha256Of(bytes) });
  for (let offset = 0; offset < bytes.length; offset += 3_000) {
    const part = bytes.subarray(offset, offset + 3_000);
    const sum = checksumHeader(part);
    const changed = flipped(part, Math.floor(random() * part.length * 8));
    expect((await client.patch(at, offset, changed, { 'upload-checksum': sum })).status).toBe(460);
    expect(await offsetAt(client, at)).toBe(offset);
    expect((await client.patch(at, offset, part, { 'upload-checksum': sum })).status).toBe(204);
  }
  expect(await client.state(at)).toMatchObject({ receivedBytes: 60_000, state: 'checking' });
});

test('a file that was changed is given up: its sender is told to begin again, and can', async () => {
  const bytes = somePdf(5_000);
  const said = { filename: 'igen.pdf', obligation: task.id, sha256: sha256Of(bytes) };
  const at = await created(client, bytes.length, said);
  const answer = await client.patch(at, 0, flipped(bytes, 39_999));
  expect([answer.status, await answer.json()]).toMatchObject([460, { code: 'file-wrong-checksum', detail: expect.stringContaining('Vælg den igen') }]);
  expect([(await client.head(at)).status, await client.state(at)]).toMatchObject([410, { state: 'given-up', reason: 'file-wrong-checksum' }]);
  expect((await client.create(bytes.length, said, {}, bytes)).status).toBe(201);
});
