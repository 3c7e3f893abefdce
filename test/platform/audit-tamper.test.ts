import fs from 'node:fs';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { isOurs, keepCheckpoint, readCheckpoints } from '../../src/platform/audit/checkpoint.ts';
import { type HeldRoot, type LogReport, verifyLog } from '../../src/platform/audit/verify.ts';
import { audit } from '../../src/platform/audit.ts';
import { asAccount, connect, type Db, type Tx } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { signerFrom } from '../../src/platform/signing.ts';
import { freshDatabase } from '../support/database.ts';
import { testNow } from '../support/known.ts';

/**
 * A database superuser changes the log in every way there is, with every trigger off, and then mends as much as can be
 * mended: numbers, chain, head, tree, checkpoints. Somebody else holds one checkpoint from before.
 */
const tampers = 1_000;
const before = 24;
const after = 4;
const signer = signerFrom(Buffer.alloc(32, 3).toString('base64'));
const attacker = signerFrom(Buffer.alloc(32, 4).toString('base64'));

let db: Db;
let held: HeldRoot[];
beforeAll(async () => {
  const database = await freshDatabase('migrated');
  db = database.owner.db;
  const web = connect(
    database.webUrl,
    createLog('error', () => {}),
  );
  const append = (index: number) => asAccount(web.db, null, (tx) => audit(tx, 'thing.happened', `subject ${index}`, { index, tekst: 'æøå "citat"' }, crypto.randomUUID()));
  await db.transaction().execute((tx) => sql`select note_receipt_key(${signer.publicKey}::bytea)`.execute(tx));
  for (let entry = 1; entry < before; entry += 1) await append(entry);
  await keepCheckpoint(db, signer, 'prøve.example/revision', testNow);
  const { note } = await db.selectFrom('audit_checkpoint').select('note').executeTakeFirstOrThrow();
  const checkpoints = readCheckpoints(note);
  expect(checkpoints.map((checkpoint) => [checkpoint.size, isOurs(checkpoint, [signer.publicKey])])).toEqual([[before, true]]);
  held = checkpoints.map((checkpoint) => ({ ...checkpoint, name: 'held' }));
  for (let entry = 0; entry < after; entry += 1) await append(before + entry);
  await web.close();
});

/** Mulberry32: the same tampers at each run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / (2 ** 32 / below));
  };
}

type Throw = (below: number) => number;
const place = (roll: Throw): number => 1 + roll(before);

/** Each kind of tampering, somewhere in what the held checkpoint covers. */
const kinds: Readonly<Record<string, (tx: Tx, roll: Throw) => Promise<unknown>>> = {
  'an entry is edited': (tx, roll) => {
    const changes = [
      sql`event = 'thing.changed'`,
      sql`subject = subject || '.'`,
      sql`detail = detail || '{"more": 1}'`,
      sql`detail = '{"other": true}'`,
      sql`actor = gen_random_uuid()`,
      sql`supplier_id = gen_random_uuid()`,
    ];
    return sql`update audit_entry set ${changes[roll(changes.length)]} where seq = ${place(roll)}`.execute(tx);
  },
  'a clock is rewritten': (tx, roll) =>
    sql`update audit_entry set at = at + make_interval(secs => ${(roll(2) === 0 ? -1 : 1) * (1 + roll(86_400))}) where seq = ${place(roll)}`.execute(tx),
  'all clocks are rewritten': (tx, roll) => sql`update audit_entry set at = at - make_interval(mins => ${1 + roll(10_000)})`.execute(tx),
  'an entry is deleted': (tx, roll) => sql`delete from audit_entry where seq = ${place(roll)}`.execute(tx),
  'an entry is inserted': async (tx, roll) => {
    const at = place(roll);
    await sql`update audit_entry set seq = -seq where seq >= ${at}`.execute(tx);
    await sql`update audit_entry set seq = 1 - seq where seq < 0`.execute(tx);
    await sql`insert into audit_entry select ${at}, at, actor, event, subject, supplier_id, '{"false": true}', previous_hash, hash from audit_entry where seq = ${at + 1}`.execute(
      tx,
    );
  },
  'two entries change places': async (tx, roll) => {
    const one = place(roll);
    const other = 1 + ((one - 1 + 1 + roll(before - 1)) % before);
    await sql`update audit_entry set seq = case seq when ${one} then -1 else -2 end where seq in (${one}, ${other})`.execute(tx);
    await sql`update audit_entry set seq = case seq when -1 then ${other}::bigint else ${one}::bigint end where seq < 0`.execute(tx);
  },
  'the tail is cut off': (tx, roll) => sql`delete from audit_entry where seq >= ${place(roll)}`.execute(tx),
  'the whole log is swapped': async (tx, roll) => {
    const count = before + roll(20);
    await tx.deleteFrom('audit_entry').execute();
    await sql`insert into audit_entry
      select n, now() - make_interval(mins => ${count}::integer - n), null, 'thing.happened', 'subject ' || n, null, jsonb_build_object('false', n), sha256(n::text::bytea), sha256(n::text::bytea)
      from generate_series(1, ${count}::integer) n`.execute(tx);
  },
};

const filling = /-- Subtrees of entries that were there before the tree was\.\n(do \$\$.*?\n\$\$;)/s.exec(fs.readFileSync('db/migrations/0015_receipts.sql', 'utf8'))?.[1] ?? '';

/** Numbers, chain, head, tree and checkpoints are made to fit what the log says now. */
async function mendAll(tx: Tx): Promise<void> {
  await sql`update audit_entry e set seq = -n.place from (select seq, row_number() over (order by seq) as place from audit_entry) n where n.seq = e.seq`.execute(tx);
  await sql`update audit_entry set seq = -seq`.execute(tx);
  await sql
    .raw(`do $$
    declare entry record; previous bytea := decode(repeat('00', 32), 'hex'); last bigint := 0;
    begin
      for entry in select * from audit_entry order by seq loop
        update audit_entry set previous_hash = previous, hash = audit_hash(previous, entry.seq, entry.at, entry.actor, entry.event, entry.subject, entry.supplier_id, entry.detail)
          where seq = entry.seq returning hash into previous;
        last := entry.seq;
      end loop;
      update audit_head set seq = last, hash = previous;
    end $$`)
    .execute(tx);
  await tx.deleteFrom('audit_node').execute();
  await sql.raw(filling).execute(tx);
  await tx.deleteFrom('audit_checkpoint').execute();
}

/** What is found when the log is in the state that `change` leaves; the change itself is taken back. */
async function foundAfter(change: (tx: Tx) => Promise<unknown>, roots: readonly HeldRoot[]): Promise<LogReport> {
  let report: LogReport | undefined;
  await db
    .transaction()
    .execute(async (tx) => {
      await sql`set local session_replication_role = replica`.execute(tx);
      await change(tx);
      report = await verifyLog(tx, roots);
      throw new Error('taken back');
    })
    .catch((error: Error) => {
      if (error.message !== 'taken back') throw error;
    });
  if (!report) throw new Error('nothing was checked');
  return report;
}

describe('whoever holds one old checkpoint', () => {
  test('finds nothing in a log that nobody touched', async () => {
    expect(await foundAfter(async () => {}, held)).toEqual({ entries: before + after, faults: [] });
  });

  test(`finds every one of ${tampers} tampers by a superuser, mended as well as can be`, { timeout: 180_000 }, async () => {
    const roll = dice(20_261_123);
    const names = Object.keys(kinds);
    const counts = new Map<string, number>();
    const missed: string[] = [];
    for (let index = 0; index < tampers; index += 1) {
      const name = names[index % names.length] ?? '';
      const mended = Math.floor(index / names.length) % 3 !== 0;
      const { faults } = await foundAfter(async (tx) => {
        await kinds[name]?.(tx, roll);
        if (mended) await mendAll(tx);
      }, held);
      // What was mended fits together again: the checkpoint alone gives it away.
      const found = mended ? faults.length === 1 && faults[0]?.what === 'root' : faults.length > 0;
      if (found) counts.set(name, (counts.get(name) ?? 0) + 1);
      else missed.push(`${index} ${name}${mended ? ', mended' : ''}: ${JSON.stringify(faults)}`);
    }
    expect(missed).toEqual([]);
    console.log(
      `${[...counts.values()].reduce((sum, count) => sum + count, 0)} of ${tampers} tampers found:\n${[...counts].map(([name, count]) => `  ${name}: ${count}`).join('\n')}`,
    );
  });

  test('is needed: without a checkpoint kept elsewhere, what was mended goes unseen, and so it does in what came after the checkpoint', async () => {
    for (const change of Object.values(kinds)) {
      const mended = async (tx: Tx) => {
        await change(tx, dice(7));
        await mendAll(tx);
      };
      expect((await foundAfter(mended, [])).faults).toEqual([]);
      expect((await foundAfter(mended, held)).faults).toHaveLength(1);
    }
    const later = async (tx: Tx) => {
      await sql`update audit_entry set subject = 'another' where seq = ${before + 2}`.execute(tx);
      await mendAll(tx);
    };
    expect((await foundAfter(later, held)).faults).toEqual([]);
  });

  test('learns which: an entry, the end, the kept tree, a root', async () => {
    const faultsOf = async (statement: string) => (await foundAfter((tx) => sql.raw(statement).execute(tx), held)).faults;
    expect(await faultsOf("update audit_entry set detail = '{}' where seq = 7")).toEqual([
      { what: 'entry', seq: 7 },
      { what: 'root', name: 'held', size: before, missing: false },
      { what: 'tree' },
    ]);
    expect(await faultsOf('update audit_head set seq = 3')).toEqual([{ what: 'head' }]);
    expect(await faultsOf("update audit_node set hash = sha256('x') where level = 2 and position = 1")).toEqual([{ what: 'tree' }]);
    expect(await faultsOf('delete from audit_node where level = 1 and position = 3')).toEqual([{ what: 'tree' }, { what: 'head' }]);
    expect(await faultsOf("insert into audit_node values (9, 0, sha256('x'))")).toEqual([{ what: 'head' }]);
    expect(await faultsOf('delete from audit_head')).toEqual([{ what: 'head' }]);
    expect(await faultsOf('delete from audit_entry where seq > 10')).toContainEqual({ what: 'root', name: 'held', size: before, missing: true });
    expect((await faultsOf('delete from audit_entry')).map(({ what }) => what)).toEqual(['root', 'head']);
  });

  test('the hourly checkpoint is not signed over a log that was changed since the last one', async () => {
    await db
      .transaction()
      .execute(async (tx) => {
        await sql`set local session_replication_role = replica`.execute(tx);
        await kinds['an entry is edited']?.(tx, dice(1));
        const signed = await tx.selectFrom('audit_checkpoint').selectAll().execute();
        await mendAll(tx);
        await tx.insertInto('audit_checkpoint').values(signed).execute();
        await expect(keepCheckpoint(inside(tx), signer, 'prøve.example/revision', testNow)).rejects.toThrow(/does not have the root that was signed/);
        throw new Error('taken back');
      })
      .catch((error: Error) => expect(error.message).toBe('taken back'));
  });

  test('a checkpoint that somebody else signed is not ours', async () => {
    const { note } = await db.selectFrom('audit_checkpoint').select('note').executeTakeFirstOrThrow();
    const [checkpoint] = readCheckpoints(note);
    if (!checkpoint) throw new Error('no checkpoint');
    expect(isOurs(checkpoint, [attacker.publicKey])).toBe(false);
    expect(isOurs({ ...checkpoint, text: checkpoint.text.replace(`\n${before}\n`, `\n${before + 1}\n`) }, [signer.publicKey])).toBe(false);
  });
});

/** A transaction that takes part in another one, as a database whose transactions are that one. */
function inside(tx: Tx): Db {
  return { transaction: () => ({ execute: <T>(work: (inner: Tx) => Promise<T>) => work(tx) }) } as unknown as Db;
}
