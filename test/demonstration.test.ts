import { describe, expect, test } from 'vitest';
import { periodBack, planObligations, quarterAhead, readAgreements } from '../db/seed/demonstration.ts';
import { typeOf } from '../src/followup/obligation-type.ts';
import { writtenContent } from './support/content.ts';
import { freshDatabase } from './support/database.ts';
import { testToday } from './support/known.ts';

describe('the demonstration data', () => {
  test('holds at least 12 agreements and 40 obligations over three suppliers, in every state', async () => {
    const { owner } = await freshDatabase();
    const agreements = await owner.db.selectFrom('agreement').select('id').where('is_example', '=', true).execute();
    const obligations = await owner.db.selectFrom('obligation').select(['state', 'supplier_id', 'type', 'is_example']).execute();
    expect(agreements.length).toBeGreaterThanOrEqual(12);
    expect(obligations.length).toBeGreaterThanOrEqual(40);
    expect(new Set(obligations.map((row) => row.supplier_id)).size).toBe(3);
    expect(new Set(obligations.map((row) => row.type)).size).toBeGreaterThanOrEqual(5);
    expect(obligations.every((row) => row.is_example)).toBe(true);
    expect([...new Set(obligations.map((row) => row.state))].sort()).toEqual(['accepted', 'open', 'planned', 'rejected', 'returned', 'submitted', 'under_review', 'waived']);
  });

  test('has the role accounts that the interface promises', async () => {
    const { owner } = await freshDatabase();
    const accounts = await owner.db.selectFrom('account').select('email').execute();
    const promised = ['leverandoer', 'kollega', 'anden', 'begge', 'sagsbehandler', 'kontrakt', 'redaktoer', 'budget', 'revision', 'admin'];
    expect(promised.filter((name) => !accounts.some(({ email }) => email === `${name}@demo.example`))).toEqual([]);
  });

  test('is the same whenever it is made on the same day, and current whenever that is', () => {
    const { types, da } = writtenContent();
    const requirementTypes = new Map(da.requirements.map(({ id, obligationTypes }) => [id, obligationTypes]));
    const plan = (today: string) => planObligations(readAgreements(today), requirementTypes, (type) => typeOf(types, type).cadence, today);
    expect(plan(testToday)).toEqual(plan(testToday));
    expect(plan('2029-03-01').length).toBeGreaterThanOrEqual(40);
    expect(plan('2028-02-29').every((row) => row.dueOn > '2027')).toBe(true);
  });

  test('names periods that have ended', () => {
    expect(periodBack('quarterly', 1, '2026-11-23')).toBe('2026-Q3');
    expect(periodBack('quarterly', 1, '2026-02-01')).toBe('2025-Q4');
    expect(periodBack('half-yearly', 1, '2026-11-23')).toBe('2026-H1');
    expect(periodBack('monthly', 2, '2026-01-15')).toBe('2025-11');
    expect(periodBack('annual', 1, '2026-11-23')).toBe('2025');
    expect(periodBack('certificate', 1, '2026-11-23')).toBeNull();
    expect(quarterAhead(1, '2026-11-23')).toBe('2027-Q1');
  });
});
