import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { audit, firstAuditFault } from '../../src/platform/audit.ts';
import { asAccount, connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { freshDatabase } from '../support/database.ts';

async function logWith(entries: number) {
  const database = await freshDatabase('migrated');
  const web = connect(
    database.webUrl,
    createLog('error', () => {}),
  );
  const append = (event: `${string}.${string}` = 'thing.happened') => asAccount(web.db, null, (tx) => audit(tx, event, 'subject', { n: 1, tekst: 'æøå "citat"' }));
  for (let entry = 0; entry < entries; entry += 1) await append();
  return { database, web, append };
}

describe('the audit log', () => {
  test('holds one entry per change, chained, also when many write at once', async () => {
    const { database, web, append } = await logWith(0);
    await Promise.all(Array.from({ length: 40 }, () => append()));
    expect(await firstAuditFault(database.owner.db)).toBeNull();
    const { rows } = await sql<{ count: number; last: number }>`select count(*) as count, max(seq) as last from audit_entry`.execute(database.owner.db);
    expect(rows).toEqual([{ count: 40, last: 40 }]);
    await web.close();
  });

  test('an entry whose transaction is rolled back was never there, and leaves no gap', async () => {
    const { database, web, append } = await logWith(2);
    await asAccount(web.db, null, async (tx) => {
      await audit(tx, 'thing.failed', 'subject');
      throw new Error('rolled back');
    }).catch(() => {});
    await append();
    const rows = await database.owner.db.selectFrom('audit_entry').select(['seq', 'event']).orderBy('seq').execute();
    expect(rows.map((row) => row.seq)).toEqual([1, 2, 3]);
    expect(await firstAuditFault(database.owner.db)).toBeNull();
    await web.close();
  });

  test('update, delete and truncate are refused, to the owner too', async () => {
    const { database, web } = await logWith(2);
    const { db } = database.owner;
    for (const statement of ["update audit_entry set event = 'x.y'", 'delete from audit_entry', 'truncate audit_entry cascade', 'delete from audit_head']) {
      await expect(sql.raw(statement).execute(db)).rejects.toThrow(/append-only/);
    }
    await expect(web.db.selectFrom('audit_entry').selectAll().execute()).rejects.toThrow(/permission denied/);
    await expect(sql`update audit_head set seq = 0`.execute(web.db)).rejects.toThrow(/permission denied/);
    await web.close();
  });

  test.each([
    ['a changed entry', "update audit_entry set detail = '{}' where seq = 3", 3],
    ['a changed time', "update audit_entry set at = at - interval '1 day' where seq = 2", 2],
    ['a removed entry', 'delete from audit_entry where seq = 4', 4],
    ['a cut tail', 'delete from audit_entry where seq = 6', 6],
    ['an inserted entry', 'insert into audit_entry select 7, at, actor, event, subject, supplier_id, detail, hash, hash from audit_entry where seq = 6', 6],
    ['two entries in each other’s place', 'update audit_entry set seq = case seq when 2 then 102 else 103 end where seq in (2, 3)', 2],
  ])('%s is found, even when the triggers were switched off', async (_what, statement, seq) => {
    const { database, web } = await logWith(6);
    const { db } = database.owner;
    expect(await firstAuditFault(db)).toBeNull();
    await sql`alter table audit_entry disable trigger all`.execute(db);
    await sql.raw(statement).execute(db);
    expect(await firstAuditFault(db)).toBe(seq);
    await web.close();
  });
});
