import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { treeOf } from '../../src/platform/audit/checkpoint.ts';
import { growingTree, isConsistent, leafOf } from '../../src/platform/audit/merkle.ts';
import { audit } from '../../src/platform/audit.ts';
import { asAccount, connect, type Db } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const entries = 70;

/** The definitions of RFC 6962, section 2.1, word for word and without regard to speed: what our trees are held against. */
const H = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const splitOf = (n: number): number => {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
};
const MTH = (D: Buffer[]): Buffer => {
  if (D.length === 1) return H(Buffer.from([0]), D[0] as Buffer);
  const k = splitOf(D.length);
  return H(Buffer.from([1]), MTH(D.slice(0, k)), MTH(D.slice(k)));
};
const PATH = (m: number, D: Buffer[]): Buffer[] => {
  if (D.length === 1) return [];
  const k = splitOf(D.length);
  return m < k ? [...PATH(m, D.slice(0, k)), MTH(D.slice(k))] : [...PATH(m - k, D.slice(k)), MTH(D.slice(0, k))];
};
const SUBPROOF = (m: number, D: Buffer[], b: boolean): Buffer[] => {
  if (m === D.length) return b ? [] : [MTH(D)];
  const k = splitOf(D.length);
  return m <= k ? [...SUBPROOF(m, D.slice(0, k), b), MTH(D.slice(k))] : [...SUBPROOF(m - k, D.slice(k), false), MTH(D.slice(0, k))];
};

let database: TestDatabase;
let db: Db;
let leaves: Buffer[];
beforeAll(async () => {
  database = await freshDatabase('migrated');
  db = database.owner.db;
  const web = connect(
    database.webUrl,
    createLog('error', () => {}),
  );
  for (let entry = 0; entry < entries; entry += 1) await asAccount(web.db, null, (tx) => audit(tx, 'thing.happened', `subject ${entry}`, { entry }));
  await web.close();
  leaves = (await db.selectFrom('audit_entry').select('hash').orderBy('seq').execute()).map(({ hash }) => hash);
});

const pathOf = async (leaf: number, size: number): Promise<Buffer[]> =>
  (await sql<{ path: Buffer[] }>`select audit_path(${leaf}::bigint, ${size}::bigint) as path`.execute(db)).rows[0]?.path ?? [];
const proofOf = async (before: number, size: number): Promise<Buffer[] | null> =>
  (await sql<{ path: Buffer[] | null }>`select audit_consistency(${before}::bigint, ${size}::bigint) as path`.execute(db)).rows[0]?.path ?? null;

describe('the tree over the audit log', () => {
  test('the definitions that it is held against give the known answers of RFC 6962 implementations', () => {
    // Certificate Transparency’s own test leaves and roots.
    const known = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) => Buffer.from(hex, 'hex'));
    expect(MTH(known.slice(0, 1)).toString('hex')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(MTH(known.slice(0, 3)).toString('hex')).toBe('aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77');
    expect(MTH(known).toString('hex')).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  test(`has the root, the paths and the proofs that the RFC defines, at every size up to ${entries}`, async () => {
    const tree = growingTree();
    for (let size = 1; size <= entries; size += 1) {
      const D = leaves.slice(0, size);
      tree.add(leafOf(leaves[size - 1] as Buffer));
      const expected = MTH(D);
      expect([size, tree.root().equals(expected)]).toEqual([size, true]);
      expect([size, (await treeOf(db, size))?.root.equals(expected)]).toEqual([size, true]);
      const some = size <= 20 ? Array.from({ length: size }, (_, leaf) => leaf) : [0, Math.floor(size / 3), Math.floor(size / 2), size - 2, size - 1];
      for (const leaf of some) expect([size, leaf, await pathOf(leaf, size)]).toEqual([size, leaf, PATH(leaf, D)]);
      for (const before of some.map((leaf) => leaf + 1)) {
        const proof = (await proofOf(before, size)) ?? [];
        expect([size, before, proof]).toEqual([size, before, SUBPROOF(before, D, true)]);
        const heads = [
          { size: before, root: MTH(D.slice(0, before)) },
          { size, root: expected },
        ] as const;
        expect([size, before, isConsistent(...heads, proof)]).toEqual([size, before, true]);
        const other = { size: before, root: H(heads[0].root) };
        expect([size, before, isConsistent(other, heads[1], proof)]).toEqual([size, before, false]);
        if (proof.length > 0) expect([size, before, isConsistent(...heads, proof.slice(1))]).toEqual([size, before, false]);
      }
    }
  });

  test('is asked for no more than there is', async () => {
    expect(await treeOf(db, 0)).toBeUndefined();
    expect(await treeOf(db, entries + 1)).toBeUndefined();
    expect((await treeOf(db))?.size).toBe(entries);
    for (const [before, size] of [
      [0, 5],
      [6, 5],
      [5, entries + 1],
    ] as const)
      expect(await proofOf(before, size)).toBeNull();
  });

  test('keeps a subtree for each entry on average, each the one that the leaves make', async () => {
    const nodes = await db.selectFrom('audit_node').selectAll().execute();
    expect(nodes.length).toBe(35 + 17 + 8 + 4 + 2 + 1);
    for (const { level, position, hash } of nodes) expect(hash.equals(MTH(leaves.slice(position * 2 ** level, (position + 1) * 2 ** level)))).toBe(true);
  });

  test('is made for entries that were there before it, by the migration, just as it grows', async () => {
    const grown = await db.selectFrom('audit_node').selectAll().orderBy('level').orderBy('position').execute();
    const migration = fs.readFileSync('db/migrations/0015_receipts.sql', 'utf8');
    const filling = /-- Subtrees of entries that were there before the tree was\.\n(do \$\$.*?\n\$\$;)/s.exec(migration)?.[1] ?? '';
    expect(filling).toContain('insert into audit_node');
    await db
      .transaction()
      .execute(async (tx) => {
        await sql`set local session_replication_role = replica`.execute(tx);
        await tx.deleteFrom('audit_node').execute();
        await sql.raw(filling).execute(tx);
        expect(await tx.selectFrom('audit_node').selectAll().orderBy('level').orderBy('position').execute()).toEqual(grown);
        throw new Error('put it back');
      })
      .catch((error: Error) => expect(error.message).toBe('put it back'));
  });

  test('cannot be changed or emptied, and neither can checkpoints and keys; the role that serves pages cannot read or write it', async () => {
    await sql`select note_receipt_key(${Buffer.alloc(32, 7)}::bytea)`.execute(db);
    await sql`insert into audit_checkpoint values (1, sha256('x'), 'x', now())`.execute(db);
    for (const table of ['audit_node', 'audit_checkpoint', 'receipt_key'])
      for (const statement of [
        `update ${table} set ${table === 'audit_node' ? 'hash = hash' : table === 'receipt_key' ? 'since = now()' : "note = ''"}`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ])
        await expect(sql.raw(statement).execute(db)).rejects.toThrow(/append-only/);
    const web = connect(
      database.webUrl,
      createLog('error', () => {}),
    );
    for (const statement of [
      'select * from audit_node',
      "insert into audit_node values (1, 900, sha256('x'))",
      'select audit_span(0, 1)',
      "insert into receipt_key (id, public_key) values ('x', 'x')",
      "insert into audit_checkpoint values (2, sha256('x'), 'x', now())",
    ])
      await expect(sql.raw(statement).execute(web.db)).rejects.toThrow(/permission denied/);
    await web.close();
  });

  test('a missing subtree stops the next entry that needs it, instead of a proof of nothing', async () => {
    const own = await freshDatabase('migrated');
    const web = connect(
      own.webUrl,
      createLog('error', () => {}),
    );
    const append = () => asAccount(web.db, null, (tx) => audit(tx, 'thing.happened', 'subject'));
    for (let entry = 0; entry < 3; entry += 1) await append();
    await sql`alter table audit_node disable trigger all`.execute(own.owner.db);
    await own.owner.db.deleteFrom('audit_node').execute();
    await expect(append()).rejects.toThrow(/null value in column "hash"/);
    await web.close();
  });
});
