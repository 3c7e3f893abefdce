import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { figuresCommand } from '../../src/commands/figures.ts';
import { testApp } from '../support/database.ts';
import { wrongSums } from './support.ts';

test('figures of what was accepted before there were any are kept by a command, as the content says today', async () => {
  const app = await testApp();
  const { db } = app.database.owner;
  const all = () =>
    db
      .selectFrom('observation')
      .select(['obligation_id', 'submission_id', 'indicator', 'value', 'period', 'openness', 'accepted_at'])
      .orderBy('obligation_id')
      .orderBy('indicator')
      .execute();
  const before = await all();
  await sql`delete from observation`.execute(db);
  await sql`delete from observation_rollup`.execute(db);
  const said = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { types, indicators } = app.content.current();
  expect(await figuresCommand(db, { types, indicators })).toBe(0);
  expect(said.mock.calls.flat()).toEqual([`${before.length} figures of accepted follow-up are kept.`]);
  said.mockRestore();
  expect(await all()).toEqual(before);
  expect(before.length).toBeGreaterThan(20);
  expect(await wrongSums(app)).toBe(0);
});
