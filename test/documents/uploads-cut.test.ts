import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { chance, cuttingProxy } from '../support/cutting-proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { pdfTask, sendStubbornly, sha256Of, somePdf, through, tus } from '../support/tus.ts';
import { Visitor } from '../support/visitor.ts';

/** A network that resets connections in the middle and loses answers; every file comes through all the same, once. */
const uploads = Number(process.env['UPLOADS'] ?? 1_000);
const atOnce = 8;
/** For each file; some fall behind its last byte and do no harm. */
const harms = 5;

const suppliers = [
  ['leverandoer', '90000004'],
  ['anden', '90002740'],
  ['vask', '90004115'],
] as const;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { WORKER: 'off' } });
});

test(`${uploads} files through a network that cuts connections and loses answers arrive byte for byte, each once`, async () => {
  const { db } = server.database.owner;
  const senders = await Promise.all(
    suppliers.map(async ([name, cvr]) => {
      const visitor = new Visitor(server.base);
      await visitor.logIn(`${name}@demo.example`);
      return { visitor, task: await pdfTask(server.database, cvr) };
    }),
  );
  const sent = new Map<string, { name: string; sizeBytes: number }>();
  const harmed: number[] = [];
  const broken = { cut: 0, swallowed: 0 };
  let wrongAcks = 0;
  let next = 0;

  async function work(worker: number): Promise<void> {
    const random = chance(worker + 1);
    let allowed = 0;
    const proxy = await cuttingProxy(() => server.base, { seed: worker + 100, cuts: () => allowed, withinBytes: 12_000, swallowShare: 0.15 });
    while (next < uploads) {
      const number = next++;
      const { visitor, task } = senders[number % senders.length] as (typeof senders)[number];
      const bytes = somePdf(2_000 + Math.floor(random() * 40_000));
      const name = `fil-${number}.pdf`;
      sent.set(sha256Of(bytes), { name, sizeBytes: bytes.length });
      const before = proxy.cut() + proxy.swallowed();
      allowed = before + harms;
      let reached = 0;
      const heard = (offset: number): void => {
        if (offset < reached) wrongAcks += 1;
        reached = offset;
      };
      await sendStubbornly(tus(through(() => proxy.base, visitor, server.base)), bytes, { filename: name, obligation: task.id, sha256: sha256Of(bytes) }, { heard });
      harmed.push(proxy.cut() + proxy.swallowed() - before);
    }
    broken.cut += proxy.cut();
    broken.swallowed += proxy.swallowed();
    await proxy.close();
  }
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, (_, worker) => work(worker)));
  const seconds = (performance.now() - startedAt) / 1000;

  const documents = await db
    .selectFrom('document')
    .select(['name', 'size_bytes', 'sha256'])
    .where(
      'obligation_id',
      'in',
      senders.map(({ task }) => task.id),
    )
    .execute();
  const whole = documents.filter(({ sha256, name, size_bytes }) => {
    const place = path.join(server.dataDir, 'files', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    const expected = sent.get(sha256);
    return expected?.name === name && expected.sizeBytes === size_bytes && sha256Of(fs.readFileSync(place)) === sha256;
  });
  const average = harmed.reduce((sum, each) => sum + each, 0) / uploads;
  console.log(
    `${uploads} uploads in ${seconds.toFixed(0)} s: ${broken.cut} connections cut, ${broken.swallowed} answers lost (${average.toFixed(1)} an upload); ` +
      `${whole.length} byte-identical, ${documents.length - new Set(documents.map(({ sha256 }) => sha256)).size} doubled, ${wrongAcks} acknowledged bytes taken back`,
  );
  expect([whole.length, documents.length, wrongAcks]).toEqual([uploads, uploads, 0]);
  expect(average).toBeGreaterThanOrEqual(3);
  expect(fs.readdirSync(path.join(server.dataDir, 'files/incoming')).filter((name) => name.includes('.'))).toEqual([]);
  expect(server.log.filter((line) => line['level'] === 'error')).toEqual([]);
}, 300_000);
