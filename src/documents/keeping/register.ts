import { sql } from 'kysely';
import type { Clock } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';
import { checksum, receiveInto } from '../../platform/files/receive.ts';

/**
 * A store whose bytes are noted in the database before they are kept. From that moment they are on their way to some
 * row, and nobody removes them for the time of grace, not even when they have been lying there unused for years.
 */
export function withRegister(files: Files, db: Db, clock: Clock): Files {
  const registered: Files = {
    ...files,
    async keep(place, sha256, sizeBytes, hashed) {
      const claimed = await sql<{ removals: number | null }>`select claim_bytes(${checksum(sha256)}, ${sizeBytes}, ${clock.now()}) as removals`.execute(db);
      await files.keep(place, sha256, sizeBytes, hashed);
      const removals = claimed.rows[0]?.removals ?? null;
      if (removals === null) return;
      const { rows } = await sql<{ back: boolean }>`select bytes_are_back(${sha256}, ${removals}) as back`.execute(db);
      if (!rows[0]?.back) throw new Error(`the bytes of ${sha256} were removed while they came in`);
    },
    receive: (bytes, limitBytes) => receiveInto(registered, bytes, limitBytes),
  };
  return registered;
}
