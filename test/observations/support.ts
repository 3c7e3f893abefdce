import { sql } from 'kysely';
import type { App } from '../../src/app.ts';
import { review } from '../../src/followup/review.ts';
import { submit } from '../../src/followup/submit.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { actorOf, type TestDatabase } from '../support/database.ts';
import { testNow, testToday } from '../support/known.ts';

export type Own = App & { database: TestDatabase };

/** An obligation of a supplier under the first agreement that it is on, open, written past everything. */
export async function newObligation(
  { database }: Own,
  { cvr = '90000004', type = 'madspild', requirement = 'madspild', period = '2026-Q2' }: { cvr?: string; type?: string; requirement?: string; period?: string | null } = {},
): Promise<{ id: string; agreementId: string; supplierId: string }> {
  const { db } = database.owner;
  const { agreement_id, supplier_id } = await db
    .selectFrom('agreement_supplier as x')
    .innerJoin('supplier as s', 's.id', 'x.supplier_id')
    .select(['x.agreement_id', 'x.supplier_id'])
    .where('s.cvr', '=', cvr)
    .orderBy('x.agreement_id')
    .executeTakeFirstOrThrow();
  const { id } = await db
    .insertInto('obligation')
    .values({ agreement_id, supplier_id, requirement_id: requirement, type, period, opens_on: '2026-01-01', due_on: '2026-10-15', state: 'open', shown_publicly: true })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, agreementId: agreement_id, supplierId: supplier_id };
}

export const mailOf = { '90000004': 'leverandoer@demo.example', '90002740': 'anden@demo.example', '90004115': 'vask@demo.example' } as const;

/** Files answers and returns the submission; an obligation that was accepted is opened again first, as a correction is. */
export async function file(app: Own, id: string, answers: Record<string, string>, cvr: keyof typeof mailOf = '90000004'): Promise<string> {
  const { db } = app.database.owner;
  await db.updateTable('obligation').set({ state: 'open' }).where('id', '=', id).where('state', '!=', 'open').execute();
  const round = await db.selectFrom('submission').select('id').where('obligation_id', '=', id).execute();
  return submit(app.db, app.followup, await actorOf(app, mailOf[cvr]), id, { answers, formKey: crypto.randomUUID(), round: round.length, lang: 'da' }, testNow);
}

export async function decide(app: Own, officer: Actor, id: string, submission: string, decision: 'accepted' | 'returned' = 'accepted'): Promise<void> {
  await review(app.db, app.followup, officer, id, { submission, decision, reason: decision === 'returned' ? 'Ret tallet.' : '', newDueOn: '2026-12-24' }, testNow, testToday);
}

export const meals = (count: number, kilos: number): Record<string, string> => ({ meals: String(count), wasteKg: String(kilos), gramPerMeal: '1', actions: 'Mindre portioner' });

export function figuresOf({ database }: Own, obligation: string) {
  return database.owner.db
    .selectFrom('observation')
    .select(['indicator', 'value', 'period', 'year', 'openness'])
    .where('obligation_id', '=', obligation)
    .orderBy('indicator')
    .execute();
}

/** How many sums are not what the figures add up to; they are as they should be afterwards. */
export async function wrongSums({ database }: Pick<Own, 'database'>): Promise<number> {
  const { rows } = await sql<{ wrong: number }>`select observation_recount() as wrong`.execute(database.owner.db);
  return rows[0]?.wrong ?? -1;
}
