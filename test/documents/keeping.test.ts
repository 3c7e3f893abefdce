import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { filesCheckCommand, filesCollectCommand } from '../../src/commands/files.ts';
import { collect, graceMs, noteUnreferenced } from '../../src/documents/keeping/collect.ts';
import { checkStore } from '../../src/documents/keeping/nightly.ts';
import { reconcile } from '../../src/documents/keeping/reconcile.ts';
import { rereadDays, rereadFiles } from '../../src/documents/keeping/reread.ts';
import { attach, detach } from '../../src/followup/draft.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { days, standingClock } from '../../src/platform/clock.ts';
import { type Connection, connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { atEnd } from '../support/clean-up.ts';
import { actorOf, freshDatabase, type TestDatabase, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';

const later = (count: number): Date => new Date(testNow.getTime() + days(count));

interface Place {
  readonly app: Awaited<ReturnType<typeof testApp>>;
  readonly worker: Connection;
  readonly actor: Actor;
  /** Obligations whose drafts files go into. */
  readonly obligations: readonly string[];
  readonly logged: string[];
  readonly log: ReturnType<typeof createLog>;
  /** Where a file lies. */
  at(sha256: string): string;
}

/** The demonstration with its files, and the worker's connection to it. */
async function aPlace(database?: TestDatabase): Promise<Place> {
  const app = await testApp(database);
  fs.cpSync(inject('files'), app.config.filesDir, { recursive: true });
  const logged: string[] = [];
  const log = createLog('warn', (line) => logged.push(line));
  const worker = connect(app.database.workerUrl, log, 6);
  atEnd(() => worker.close());
  const actor = await actorOf(app, 'begge@demo.example');
  const open = await app.database.owner.db
    .selectFrom('obligation')
    .select('id')
    .where('state', '=', 'open')
    .where(
      'supplier_id',
      'in',
      actor.suppliers.map(({ id }) => id),
    )
    .orderBy('id')
    .execute();
  const at = (sha256: string): string => path.join(app.config.filesDir, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  return { app, worker, actor, obligations: open.map(({ id }) => id), logged, log, at };
}

async function receive({ app }: Place, bytes: Buffer): Promise<{ sha256: string; sizeBytes: number; kind: string }> {
  const stored = await app.files.receive(Readable.from([bytes]), 1e6);
  if (stored === 'too-large') throw new Error('unexpected');
  return { sha256: stored.sha256, sizeBytes: stored.sizeBytes, kind: 'pdf' };
}

async function inDraft(place: Place, bytes: Buffer, name = 'bilag.pdf', obligation = place.obligations[0] ?? ''): Promise<string> {
  const stored = await receive(place, bytes);
  await attach(place.app.db, place.app.types, place.actor, obligation, [{ ...stored, name }], testNow);
  return stored.sha256;
}

async function takeOut(place: Place, sha256: string): Promise<void> {
  const rows = await place.app.database.owner.db.selectFrom('document').select(['id', 'obligation_id']).where('sha256', '=', sha256).execute();
  for (const { id, obligation_id } of rows) await detach(place.app.db, place.actor, obligation_id, [id]);
}

describe('rows and store, one to one', () => {
  let place: Place;
  beforeAll(async () => {
    place = await aPlace();
  });
  const compare = () => reconcile(place.worker.db, place.app.files, testNow, place.log);

  test('every table that names a SHA-256 is among those that the store is compared with', async () => {
    const { rows } = await sql<{ column: string; definition: string }>`
      select table_name || '.' || column_name as column, pg_get_viewdef('file_reference'::regclass) as definition from information_schema.columns
      where table_schema = 'public' and column_name ~ 'sha256' and data_type = 'text'
        and (select relkind from pg_class where oid = format('public.%I', table_name)::regclass) = 'r'`.execute(place.app.database.owner.db);
    const counted = rows.filter(({ column, definition }) => new RegExp(`FROM ${column.split('.')[0]}\\b`, 'i').test(definition)).map(({ column }) => column);
    // erasure: what is gone; held_file: what is compared; stored_file: the verdict on some bytes, not a use of them.
    const others = rows.map(({ column }) => column).filter((column) => !counted.includes(column));
    expect(others.sort()).toEqual(['erasure.sha256', 'held_file.sha256', 'stored_file.sha256']);
    expect(counted).toContain('notice.sha256');
  });

  test('the demonstration is one to one', async () => {
    const found = await compare();
    expect(found.referred).toBeGreaterThan(5);
    expect(found).toMatchObject({ matched: found.referred, held: found.referred, unreferenced: 0, unknown: 0, missing: { count: 0 }, otherSize: { count: 0 } });
  });

  const wrong = [randomBytes(500), randomBytes(500)] as const;

  test('a file that is missing, one that is shorter and one that nobody knows are each named, logged and noted', async () => {
    const [gone, short] = [await inDraft(place, wrong[0], 'a.pdf'), await inDraft(place, wrong[1], 'b.pdf')];
    fs.rmSync(place.at(gone));
    fs.truncateSync(place.at(short), 499);
    const stranger = 'ab'.repeat(32);
    fs.mkdirSync(path.dirname(place.at(stranger)), { recursive: true });
    fs.writeFileSync(place.at(stranger), 'hvem er jeg');
    const found = await compare();
    expect(found).toMatchObject({ matched: found.referred - 2, missing: { named: [gone] }, otherSize: { named: [short] }, unknown: 1, unreferenced: 1, unreferencedBytes: 11 });
    expect(place.logged.filter((line) => line.includes(gone) || line.includes(short))).toHaveLength(2);
    const noted = await place.worker.db.selectFrom('held_file').select(['sha256', 'fault']).where('fault', 'is not', null).execute();
    expect(Object.fromEntries(noted.map(({ sha256, fault }) => [sha256, fault]))).toEqual({ [gone]: 'missing', [short]: 'damaged' });
  });

  test('the command says so and ends with 1, and with 0 when the files have come back', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    expect(await filesCheckCommand(place.worker.db, place.app.config, place.log, false)).toBe(1);
    expect(said.mock.calls.join('\n')).toMatch(/1 missing, 1 of another size[\s\S]*missing since 2026-11-23[\s\S]*Bring them back/);
    for (const bytes of wrong) await receive(place, bytes);
    said.mockClear();
    expect(await filesCheckCommand(place.worker.db, place.app.config, place.log, true)).toBe(0);
    expect(said.mock.calls.join('\n')).toContain('One to one');
    said.mockRestore();
  });

  test('a file that comes in while the store is being listed is not taken for missing', async () => {
    let came = '';
    const slow = {
      ...place.app.files,
      async *list() {
        yield* place.app.files.list();
        came = await inDraft(place, randomBytes(300), 'mens.pdf');
      },
    };
    expect((await reconcile(place.worker.db, slow, testNow, place.log)).missing).toEqual({ count: 0, named: [] });
    expect(came).not.toBe('');
  });

  test('when the whole store is away, all of it is counted and only so many are looked at one by one', async () => {
    const away = { ...place.app.files, stat: async () => null, async *list() {} };
    const found = await reconcile(place.worker.db, away, testNow, place.log);
    expect(found).toMatchObject({ matched: 0, held: 0, missing: { count: found.referred } });
    await sql`update held_file set fault = null, fault_at = null`.execute(place.app.database.owner.db);
  });
});

describe('reading the files again', () => {
  let place: Place;
  beforeAll(async () => {
    place = await aPlace();
    for (let index = 0; index < 70; index += 1) await inDraft(place, randomBytes(100), `${index}.pdf`);
  });

  test('each is read once in thirty days, about as many each night', async () => {
    const all = (await place.worker.db.selectFrom('held_file').select('sha256').execute()).length;
    const reads: number[] = [];
    for (let night = 0; night < rereadDays; night += 1) reads.push((await rereadFiles(place.worker.db, place.app.files, later(night), place.log)).read);
    const { rows } = await sql<{ last: Date }>`select verified_at as last from held_file`.execute(place.app.database.owner.db);
    expect(rows.every(({ last }) => last >= later(0) && last <= later(rereadDays - 1))).toBe(true);
    expect(reads.reduce((sum, read) => sum + read, 0)).toBeGreaterThanOrEqual(all);
    expect(Math.max(...reads.slice(0, -1))).toBeLessThanOrEqual(Math.ceil(all / rereadDays));
    expect(place.logged).toEqual([]);
  });

  test('one wrong bit is found, logged, noted with the time at which it was first seen, and read again each night', async () => {
    const sha256 = await inDraft(place, Buffer.from('et bilag, der bliver gammelt'), 'gammelt.pdf');
    const bytes = fs.readFileSync(place.at(sha256));
    fs.writeFileSync(place.at(sha256), Buffer.from([...bytes.subarray(0, 5), (bytes[5] ?? 0) ^ 4, ...bytes.subarray(6)]));
    expect(await rereadFiles(place.worker.db, place.app.files, later(60), place.log)).toMatchObject({ damaged: 1, missing: 0 });
    expect(place.logged.join()).toContain(sha256);
    expect(await rereadFiles(place.worker.db, place.app.files, later(61), place.log)).toMatchObject({ damaged: 1 });
    const noted = await place.worker.db.selectFrom('held_file').select(['fault', 'fault_at']).where('sha256', '=', sha256).executeTakeFirst();
    expect(noted).toEqual({ fault: 'damaged', fault_at: later(60) });
    await receive(place, bytes);
    expect(await rereadFiles(place.worker.db, place.app.files, later(62), place.log)).toMatchObject({ damaged: 0 });
    expect(await place.worker.db.selectFrom('held_file').select('sha256').where('fault', 'is not', null).execute()).toEqual([]);
  });

  test('what was found each night is kept for the page that shows it', async () => {
    await checkStore(place.worker.db, place.app.files, standingClock(later(70)), place.log);
    const [latest] = await place.worker.db.selectFrom('store_check').selectAll().orderBy('id', 'desc').limit(1).execute();
    expect(latest).toMatchObject({ missing: 0, damaged: 0, started_at: later(70) });
    expect(latest?.matched).toBe(latest?.referred);
  });
});

describe('collecting what nobody refers to', () => {
  let place: Place;
  beforeAll(async () => {
    place = await aPlace();
  });
  const isThere = async (sha256: string): Promise<boolean> => (await place.app.files.stat(sha256)) !== null;

  test('bytes that no row ever referred to go seven days after it was first seen, and not before', async () => {
    const { sha256 } = await receive(place, Buffer.from('fortrudt'));
    expect(await collect(place.worker.db, place.app.files, later(1))).toBe(0);
    expect(await collect(place.worker.db, place.app.files, later(7.9))).toBe(0);
    expect(await isThere(sha256)).toBe(true);
    expect(await collect(place.worker.db, place.app.files, later(8))).toBe(1);
    expect(await isThere(sha256)).toBe(false);
    const entry = await place.app.database.owner.db.selectFrom('audit_entry').select(['event', 'detail']).where('subject', '=', sha256).executeTakeFirst();
    expect(entry).toEqual({ event: 'bytes.removed', detail: { bytes: 8, why: 'unused' } });
  });

  test('a file taken out of a draft goes after the time of grace, unless it has come again', async () => {
    const [stays, goes] = [await inDraft(place, Buffer.from('kommer igen'), 'a.pdf'), await inDraft(place, Buffer.from('kommer ikke igen'), 'b.pdf')];
    await takeOut(place, stays);
    await takeOut(place, goes);
    await noteUnreferenced(place.worker.db, testNow);
    await inDraft(place, Buffer.from('kommer igen'), 'a.pdf');
    expect(await collect(place.worker.db, place.app.files, later(30))).toBe(1);
    expect([await isThere(stays), await isThere(goes)]).toEqual([true, false]);
  });

  test('the same bytes brought again begin a new time of grace', async () => {
    const bytes = Buffer.from('to gange');
    const { sha256 } = await receive(place, bytes);
    await noteUnreferenced(place.worker.db, testNow);
    await sql`update held_file set kept_at = ${later(6)} where sha256 = ${sha256}`.execute(place.app.database.owner.db);
    expect(await collect(place.worker.db, place.app.files, later(9))).toBe(0);
    expect(await collect(place.worker.db, place.app.files, later(13))).toBe(1);
  });

  test('what is referred to by a row of any kind is never collected', async () => {
    const kept = (await place.worker.db.selectFrom('file_reference').select('sha256').distinct().execute()).map(({ sha256 }) => sha256 ?? '');
    await collect(place.worker.db, place.app.files, later(1000));
    await collect(place.worker.db, place.app.files, later(2000));
    for (const sha256 of kept) expect(await isThere(sha256)).toBe(true);
    expect(kept.length).toBeGreaterThan(5);
  });

  test('a dry run lists what would go, and removes nothing', async () => {
    const { sha256 } = await receive(place, Buffer.from('prøve'));
    await noteUnreferenced(place.worker.db, testNow);
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    const config = { ...place.app.config, clock: standingClock(later(2100)) };
    expect(await filesCollectCommand(place.worker.db, config, true)).toBe(0);
    expect(said.mock.calls.join('\n')).toContain(sha256);
    said.mockRestore();
    expect(await isThere(sha256)).toBe(true);
  });

  test('a row cannot refer to bytes that were removed: the file has to be sent again, and then it can', async () => {
    const bytes = Buffer.from('for sent');
    const stored = await receive(place, bytes);
    await noteUnreferenced(place.worker.db, testNow);
    await collect(place.worker.db, place.app.files, later(3000));
    const again = attach(place.app.db, place.app.types, place.actor, place.obligations[0] ?? '', [{ ...stored, name: 'sent.pdf' }], testNow);
    await expect(again).rejects.toThrow(Refusal);
    await expect(again).rejects.toMatchObject({ code: 'file-gone' });
    expect(await inDraft(place, bytes, 'sent.pdf')).toBe(stored.sha256);
    expect(await isThere(stored.sha256)).toBe(true);
  });
});

/**
 * People bring and take out the same few files while two collectors remove whatever is unused at that moment, with no time of
 * grace at all. Returns how often a committed row had no bytes in the store.
 */
async function race(place: Place, rounds: number): Promise<{ attached: number; refused: number; removed: number; dangling: number }> {
  const contents = Array.from({ length: 4 }, (_, index) => Buffer.from(`indhold ${index}`));
  const sum = { attached: 0, refused: 0, removed: 0, dangling: 0 };
  let busy = true;
  const collectOn = async (): Promise<void> => {
    while (busy) sum.removed += await collect(place.worker.db, place.app.files, testNow, 0);
  };
  const fileOn = async (person: number): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      const stored = await receive(place, contents[(round + person) % contents.length] ?? Buffer.alloc(0)).catch((error: Error) => {
        if (/removed while they came in/.test(error.message)) return null;
        throw error;
      });
      if (!stored) {
        sum.refused += 1;
        continue;
      }
      const name = `${person}.pdf`;
      const obligation = place.obligations[person] ?? '';
      try {
        await attach(place.app.db, place.app.types, place.actor, obligation, [{ ...stored, name }], testNow);
      } catch (error) {
        if (!(error instanceof Refusal && error.code === 'file-gone')) throw error;
        sum.refused += 1;
        continue;
      }
      sum.attached += 1;
      if (!(await place.app.files.stat(stored.sha256))) sum.dangling += 1;
      const row = await place.app.database.owner.db.selectFrom('document').select('id').where('obligation_id', '=', obligation).where('name', '=', name).executeTakeFirst();
      await detach(place.app.db, place.actor, obligation, [row?.id ?? '']);
    }
  };
  const collectors = [collectOn(), collectOn()];
  await Promise.all([0, 1, 2].map(fileOn));
  busy = false;
  await Promise.all(collectors);
  return sum;
}

describe('collecting while files come in', () => {
  test('no row ever refers to bytes that were removed, even without a time of grace', async () => {
    const sum = await race(await aPlace(), 70);
    console.log(`measured: ${sum.attached} files attached and ${sum.removed} collected at the same time: ${sum.dangling} dangling references, ${sum.refused} refused in words`);
    expect(sum.dangling).toBe(0);
    expect(sum.attached).toBeGreaterThan(60);
    expect(sum.removed).toBeGreaterThan(10);
  });

  test('the same loses bytes when rows do not hold them', async () => {
    const database = await freshDatabase();
    for (const table of ['document', 'stored_file']) await sql`alter table ${sql.table(table)} disable trigger holds_bytes`.execute(database.owner.db);
    const sum = await race(await aPlace(database), 30);
    console.log(`measured: the same without holding: ${sum.dangling} dangling references of ${sum.attached}`);
    expect(sum.dangling).toBeGreaterThan(0);
  });
});

test('the time of grace is seven days', () => {
  expect(graceMs).toBe(days(7));
});
