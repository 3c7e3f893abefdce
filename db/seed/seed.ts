import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ContentStore } from '../../src/content/store.ts';
import { attach } from '../../src/followup/draft.ts';
import { type ObligationField, type ObligationType, typedFields, typeOf } from '../../src/followup/obligation-type.ts';
import { review } from '../../src/followup/review.ts';
import { type FollowupContext, submit } from '../../src/followup/submit.ts';
import type { Actor } from '../../src/identity/actor.ts';
import { loadActor } from '../../src/identity/actor.ts';
import { hashPassword } from '../../src/identity/password.ts';
import { audit } from '../../src/platform/audit.ts';
import { addDays, type Clock, today as todayOf } from '../../src/platform/clock.ts';
import { asAccount, type Db, type Tx } from '../../src/platform/db.ts';
import type { Files } from '../../src/platform/files/files.ts';
import { planObligations, readAgreements, type SeedObligation } from './demonstration.ts';
import { exampleFigures } from './example-figures.ts';
import { examplePdf } from './example-file.ts';
import { idFor, people, seedAgreements, seedPeople, seedTenders } from './tables.ts';

export interface SeedContext extends FollowupContext {
  readonly owner: Db;
  readonly web: Db;
  readonly files: Files;
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly password: string;
}

/** Fills an empty database with the demonstration. Can be interrupted and run again; returns false when it was there already. */
export async function seed(context: SeedContext, progress: (done: number, of: number) => void = () => {}): Promise<boolean> {
  const { owner, web, clock } = context;
  const done = await owner.selectFrom('audit_entry').select('seq').where('event', '=', 'demonstration.made').executeTakeFirst();
  if (done) return false;

  const today = todayOf(clock);
  const agreements = readAgreements(today);
  const password = await hashPassword(context.password);
  await owner.transaction().execute(async (tx) => {
    await seedPeople(tx, password);
    await seedAgreements(tx, agreements, context.content.current(), clock);
    await seedTenders(tx, today, context.content.current(), clock);
  });

  const plan = planObligations(
    agreements,
    new Map(context.content.current().da.requirements.map(({ id, obligationTypes }) => [id, obligationTypes])),
    (type) => typeOf(context.types, type).cadence,
    today,
  );
  const officer = await actorOf(web, 'sagsbehandler@demo.example');
  const filers = new Map<string, Actor>();
  for (const person of people) {
    const cvr = person.of?.length === 1 ? person.of[0]?.cvr : undefined;
    if (cvr && !filers.has(cvr)) filers.set(cvr, await actorOf(web, person.email));
  }
  await asAccount(web, officer.accountId, (tx) => seedObligations(tx, plan, context, today));
  let count = 0;
  for (const obligation of plan) {
    const filer = filers.get(obligation.cvr);
    if (!filer) throw new Error(`nobody files for ${obligation.cvr}`);
    await bringToState(context, obligation, filer, officer, today);
    progress(++count, plan.length);
  }
  await owner.transaction().execute(async (tx) => {
    await tx
      .updateTable('mail')
      .set((eb) => ({ sent_at: eb.ref('queued_at') }))
      .where('sent_at', 'is', null)
      .execute();
    // Our checks let these files through, as a test shows; a visitor's own need not wait behind them.
    await tx
      .updateTable('stored_file')
      .set((eb) => ({ verdict: 'unscanned', checked_at: eb.ref('stored_at'), next_try_at: null }))
      .where('verdict', '=', 'waiting')
      .execute();
    await audit(tx, 'demonstration.made', 'demonstration', { obligations: plan.length });
  });
  return true;
}

/** States that are reached by filing and deciding start as open; the others are set. */
async function seedObligations(tx: Tx, plan: readonly SeedObligation[], context: SeedContext, today: string): Promise<void> {
  for (const row of plan) {
    const set = row.state === 'planned' || row.state === 'waived' || row.state === 'rejected' ? row.state : 'open';
    await tx
      .insertInto('obligation')
      .values({
        id: idFor(row.key),
        agreement_id: idFor(row.agreement),
        supplier_id: idFor(row.cvr),
        requirement_id: row.requirement,
        type: row.type,
        period: row.period,
        opens_on: row.state === 'planned' ? addDays(today, 40) : addDays(row.dueOn, -45),
        due_on: row.dueOn,
        state: set,
        decided_at: row.state === 'rejected' ? new Date(`${addDays(row.dueOn, 4)}T09:00:00Z`) : null,
        shown_publicly: typeOf(context.types, row.type).visibility !== 'secret',
        is_example: true,
      })
      .onConflict((c) => c.column('id').doNothing())
      .execute();
  }
}

/** Files and decides through the same use cases as people do, at times before today. */
async function bringToState(context: SeedContext, row: SeedObligation, filer: Actor, officer: Actor, today: string): Promise<void> {
  if (!['submitted', 'accepted', 'returned', 'under_review'].includes(row.state)) return;
  const id = idFor(row.key);
  const now = await asAccount(context.web, officer.accountId, (tx) => tx.selectFrom('obligation').select('state').where('id', '=', id).executeTakeFirstOrThrow());
  if (now.state !== 'open') return;
  const type = typeOf(context.types, row.type);
  const day = row.dueOn > addDays(today, -3) ? addDays(today, -3) : addDays(row.dueOn, -2);
  const filedAt = new Date(`${day}T09:12:00Z`);
  if (type.files !== 'none') {
    const kind = type.evidence.includes('pdf') ? 'pdf' : 'csv';
    const name = `${row.type}${row.period ? `-${row.period}` : ''}.${kind}`;
    const lines = ['Eksempeldata', type.title.da, row.agreement, row.period ?? ''];
    const stored = await context.files.receive(Readable.from([kind === 'pdf' ? examplePdf(lines) : Buffer.from(`\ufeff${lines.join(';')}\r\n`)]), 1_000_000);
    if (stored === 'too-large') throw new Error('an example file is too large');
    await attach(context.web, context.types, filer, id, [{ name, kind, sizeBytes: stored.sizeBytes, sha256: stored.sha256 }], filedAt);
  }
  const submission = await submit(context.web, context, filer, id, { answers: exampleAnswers(type, row, day), formKey: idFor(`form ${row.key}`), round: 0, lang: 'da' }, filedAt);
  const decidedAt = new Date(`${addDays(day, 2)}T12:30:00Z`);
  if (row.state === 'accepted') await review(context.web, context, officer, id, { submission, decision: 'accepted', reason: '', newDueOn: '' }, decidedAt, addDays(day, 2));
  if (row.state === 'returned') {
    const reason = 'Bilaget mangler underskrift på side 2. Send det igen med underskrift fra en, der kan tegne virksomheden.';
    await review(context.web, context, officer, id, { submission, decision: 'returned', reason, newDueOn: row.dueOn }, decidedAt, addDays(day, 2));
  }
  if (row.state === 'under_review')
    await asAccount(context.web, officer.accountId, (tx) => tx.updateTable('obligation').set({ state: 'under_review' }).where('id', '=', id).execute());
}

function exampleAnswers(type: ObligationType, row: SeedObligation, day: string): Record<string, string> {
  const spread = Number.parseInt(createHash('sha256').update(row.key).digest('hex').slice(0, 4), 16);
  const answer = (field: ObligationField, index: number): string => {
    const number = (spread + index * 37) % 97;
    switch (field.type) {
      case 'text':
        return 'Eksempel';
      case 'longtext':
        return 'Eksempel på en tekst.';
      case 'date':
        return /To$|until/i.test(field.key) ? addDays(day, 300 + number) : addDays(day, -number);
      case 'boolean':
        return 'true';
      case 'integer':
        return String(5 + number);
      case 'number':
        return `${12 + number},5`;
      case 'percent':
        return `${60 + (number % 40)},5`;
      case 'money':
        return `${(1 + number) * 12_500}`;
      case 'enum':
        return field.options?.[0]?.value ?? '';
    }
  };
  const figures = exampleFigures(type.id, spread);
  return Object.fromEntries(typedFields(type).map((field, index) => [field.key, figures[field.key] ?? answer(field, index)]));
}

async function actorOf(db: Db, email: string): Promise<Actor> {
  const account = await db.selectFrom('account').select(['id', 'email', 'name']).where('email', '=', email).executeTakeFirstOrThrow();
  return loadActor(db, account);
}
