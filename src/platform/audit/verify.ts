import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Tx } from '../db.ts';
import { type GrowingTree, growingTree, leafOf, type Subtree } from './merkle.ts';

/** A root that somebody keeps: of a checkpoint or of a receipt. */
export interface HeldRoot {
  readonly name: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Something of the log that is not as it was written: an entry (its number), the head, a kept subtree, or a held root
 * (its name) that the log does not have.
 */
export type LogFault =
  | { readonly what: 'entry'; readonly seq: number }
  | { readonly what: 'head' | 'tree' }
  | { readonly what: 'root'; readonly name: string; readonly size: number; readonly missing: boolean };

export interface LogReport {
  readonly entries: number;
  /** In the order in which they were found, at most a hundred. */
  readonly faults: readonly LogFault[];
}

const mostFaults = 100;
const batch = 5_000;
const beginning = Buffer.alloc(32);

interface Row {
  readonly seq: number;
  readonly text: string;
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
}

/**
 * Reads the whole log and checks it: every entry's hash and place in the chain, the kept subtrees, the head, and every
 * root that somebody holds. Everything is computed here from the rows, since whoever can change the rows can change the
 * database's functions too. Needs the owner's connection, and a transaction that sees one moment (repeatable read).
 */
export async function verifyLog(tx: Tx, held: readonly HeldRoot[] = []): Promise<LogReport> {
  const faults: LogFault[] = [];
  const waiting = Map.groupBy(held, ({ size }) => size);
  const tree = growingTree();
  let previous: Buffer = beginning;
  let last = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = await entriesAfter(tx, last);
    const from = tree.size;
    const completed: Subtree[] = [];
    for (const row of rows) {
      const hash = createHash('sha256').update(row.previous_hash).update(row.text).digest();
      if (row.seq !== tree.size + 1 || !row.previous_hash.equals(previous) || !row.hash.equals(hash)) faults.push({ what: 'entry', seq: tree.size + 1 });
      completed.push(...tree.add(leafOf(hash)));
      previous = row.hash;
      for (const { name, size, root } of waiting.get(tree.size) ?? []) if (Buffer.compare(tree.root(), root) !== 0) faults.push({ what: 'root', name, size, missing: false });
      waiting.delete(tree.size);
    }
    if (!(await areKept(tx, completed, from, tree.size))) faults.push({ what: 'tree' });
    if (rows.length < batch) break;
    last = rows.at(-1)?.seq ?? last;
  }
  for (const { name, size } of [...waiting.values()].flat()) faults.push({ what: 'root', name, size, missing: true });
  if (!(await endsAt(tx, tree, previous))) faults.push({ what: 'head' });
  return { entries: tree.size, faults: faults.slice(0, mostFaults) };
}

async function entriesAfter(tx: Tx, last: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select seq, previous_hash, hash, jsonb_build_array(
      seq, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor, event, subject, supplier_id, detail)::text as text
    from audit_entry where seq > ${last} order by seq limit ${batch}`.execute(tx);
  return rows;
}

/** Whether the database keeps exactly these subtrees as those that the entries after `from` up to `to` complete. */
async function areKept(tx: Tx, completed: readonly Subtree[], from: number, to: number): Promise<boolean> {
  const { rows } = await sql<Subtree>`
    select n.level, n.position, n.hash
    from generate_series(1, 52) as level
      join audit_node n on n.level = level.level and n.position >= ${from}::bigint >> level.level and n.position < ${to}::bigint >> level.level`.execute(tx);
  const kept = new Map(rows.map(({ level, position, hash }) => [`${level}/${position}`, hash]));
  return kept.size === completed.length && completed.every(({ level, position, hash }) => kept.get(`${level}/${position}`)?.equals(hash));
}

async function endsAt(tx: Tx, tree: GrowingTree, hash: Buffer): Promise<boolean> {
  const { rows } = await sql<{ seq: number; hash: Buffer; nodes: number }>`select seq, hash, (select count(*) from audit_node) as nodes from audit_head`.execute(tx);
  const [head] = rows;
  let nodes = 0;
  for (let width = Math.floor(tree.size / 2); width > 0; width = Math.floor(width / 2)) nodes += width;
  return rows.length === 1 && head?.seq === tree.size && head.hash.equals(hash) && head.nodes === nodes;
}
