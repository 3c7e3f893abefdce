import { sql } from 'kysely';
import type { Db, Reader } from '../db.ts';

/** The newest checkpoints, largest first, of fewer than `below` entries where that is given. */
export function checkpoints(db: Reader, limit: number, below: number | null = null) {
  let query = db.selectFrom('audit_checkpoint').select(['size', 'root', 'note', 'made_at']).orderBy('size', 'desc').limit(limit);
  if (below !== null) query = query.where('size', '<', below);
  return query.execute();
}

/** The hashes that show that the log of `before` entries is the beginning of that of `size`; null when there are not so many. */
export async function consistencyPath(db: Db, before: number, size: number): Promise<string[] | null> {
  const { rows } = await sql<{ path: Buffer[] | null }>`select audit_consistency(${before}::bigint, ${size}::bigint) as path`.execute(db);
  return rows[0]?.path?.map((hash) => hash.toString('hex')) ?? null;
}
