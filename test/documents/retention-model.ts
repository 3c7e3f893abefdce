import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { withRegister } from '../../src/documents/keeping/register.ts';
import { type Erasing, eraseDue } from '../../src/documents/retention/erase.ts';
import { type Retention, rulesOf } from '../../src/documents/retention/schedule.ts';
import { addDays } from '../../src/platform/clock.ts';
import { type Connection, connect } from '../../src/platform/db.ts';
import { filesOnDisk } from '../../src/platform/files/disk.ts';
import type { Files } from '../../src/platform/files/files.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from '../support/clean-up.ts';
import { type TestDatabase, testApp } from '../support/database.ts';
import { testToday } from '../support/known.ts';

/**
 * A random municipality in which things are filed, held, decided and erased day by day, and beside it a plain model that says what
 * must be erased on which day. The model shares no code with the product: it walks over lists.
 */

const text = { da: 'x', en: 'x' };
const months = { filed: 1, people: 2, drafts: 1, library: 1, readings: 1 };
const base = { title: text, what: text, reason: text };
export const retention: Retention = {
  draft: false,
  classes: [
    { id: 'filed', covers: 'filed', ...base, after: 'agreement-end', months: months.filed, answers: 'erase' },
    { id: 'people', covers: 'filed', types: ['oplaering'], ...base, after: 'filing', months: months.people, answers: 'keep' },
    { id: 'drafts', covers: 'drafts', ...base, after: 'deadline', months: months.drafts },
    { id: 'library', covers: 'library', ...base, after: 'expiry', months: months.library },
    { id: 'readings', covers: 'readings', ...base, after: 'reading', months: months.readings },
  ],
};

interface Obligation {
  readonly id: string;
  readonly agreement: Agreement;
  readonly supplier: string;
  readonly type: string;
  readonly due: string;
  state: 'open' | 'submitted' | 'accepted' | 'returned';
  draft: { changed: string; saved: boolean; documents: { id: string; sha256: string }[] } | null;
  submissions: number;
}
interface Agreement {
  readonly id: string;
  ends: string;
  readonly options: readonly string[];
}
interface Submission {
  readonly id: string;
  readonly of: Obligation;
  readonly day: string;
  readonly documents: { readonly id: string; readonly sha256: string; readonly version: Version | null; erased: boolean }[];
  emptied: boolean;
}
interface Version {
  readonly id: string;
  readonly evidence: { readonly id: string; withdrawn: string | null };
  readonly supplier: string;
  readonly sha256: string;
  readonly validTo: string | null;
  erased: boolean;
}
interface Reading {
  readonly id: string;
  readonly of: Submission;
  readonly day: string;
  erased: boolean;
}
interface Hold {
  readonly id: string;
  readonly agreement: string | null;
  readonly supplier: string | null;
}

/** A small generator of numbers that always gives the same ones from the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same day of a later month, or its last day where there is none. */
function addMonths(date: string, count: number): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + count + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + count, Math.min(day, last), 12)).toISOString().slice(0, 10);
}

export class World {
  today = testToday;
  readonly obligations: Obligation[] = [];
  readonly submissions: Submission[] = [];
  readonly versions: Version[] = [];
  readonly readings: Reading[] = [];
  holds: Hold[] = [];
  /** The day on which each content was last brought. */
  readonly brought = new Map<string, string>();
  readonly files: Files;
  readonly worker: Connection;
  readonly erasing: Erasing;
  readonly database: TestDatabase;
  readonly #random: () => number;
  readonly #agreements: Agreement[] = [];
  readonly #suppliers: string[];
  readonly #account: string;

  private constructor(database: TestDatabase, folder: string, suppliers: string[], account: string, seed: number) {
    this.database = database;
    this.#suppliers = suppliers;
    this.#account = account;
    this.#random = randomFrom(seed);
    this.worker = connect(
      database.workerUrl,
      createLog('error', () => {}),
      3,
    );
    atEnd(() => this.worker.close());
    // Three in the morning: the clock's own work comes before the day's.
    const clock = { now: () => new Date(`${this.today}T02:00:00Z`) };
    this.files = withRegister(filesOnDisk(folder), this.worker.db, clock);
    this.erasing = { db: this.worker.db, files: this.files, retention, clock };
  }

  static async make(seed: number): Promise<World> {
    const app = await testApp();
    const { db } = app.database.owner;
    await sql`truncate obligation, evidence cascade`.execute(db);
    const pairs = await db
      .selectFrom('agreement_supplier as p')
      .innerJoin('agreement as a', 'a.id', 'p.agreement_id')
      .select(['p.agreement_id', 'p.supplier_id'])
      .orderBy('a.number')
      .orderBy('p.supplier_id')
      .execute();
    const suppliers = [...new Set(pairs.map(({ supplier_id }) => supplier_id))].slice(0, 4);
    const account = await db.selectFrom('account').select('id').where('email', '=', 'sagsbehandler@demo.example').executeTakeFirstOrThrow();
    const world = new World(app.database, path.join(app.config.dataDir, 'files'), suppliers, account.id, seed);
    await db
      .insertInto('retention_rules')
      .values({ rules: rulesOf(retention), since: '2020-01-01' })
      .execute();
    await db.deleteFrom('agreement_option').execute();
    for (const id of new Set(pairs.filter(({ supplier_id }) => suppliers.includes(supplier_id)).map(({ agreement_id }) => agreement_id))) {
      const agreement: Agreement = { id, ends: addDays(testToday, world.#below(60) - 10), options: world.#chance(0.3) ? [addDays(testToday, 20 + world.#below(60))] : [] };
      await db.updateTable('agreement').set({ starts_on: '2020-01-01', ends_on: agreement.ends }).where('id', '=', id).execute();
      for (const extends_to of agreement.options)
        await db
          .insertInto('agreement_option')
          .values({ agreement_id: id, extends_to, notice_by: addDays(extends_to, -20) })
          .execute();
      world.#agreements.push(agreement);
    }
    for (const [index, { agreement_id, supplier_id }] of pairs.entries()) {
      const agreement = world.#agreements.find(({ id }) => id === agreement_id);
      if (!agreement || !suppliers.includes(supplier_id)) continue;
      for (const type of ['iso-certifikat', 'oplaering']) {
        const obligation: Obligation = {
          id: randomUUID(),
          agreement,
          supplier: supplier_id,
          type,
          due: addDays(testToday, world.#below(50) - 20),
          state: 'open',
          draft: null,
          submissions: 0,
        };
        world.obligations.push(obligation);
        await db
          .insertInto('obligation')
          .values({
            id: obligation.id,
            agreement_id,
            supplier_id,
            requirement_id: 'arbejdsklausul',
            type,
            period: String(index),
            opens_on: '2026-01-01',
            due_on: obligation.due,
            state: 'open',
            shown_publicly: false,
          })
          .execute();
      }
    }
    return world;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #one<T>(list: readonly T[]): T | undefined {
    return list[this.#below(list.length)];
  }

  get #noon(): Date {
    return new Date(`${this.today}T12:00:00Z`);
  }

  /** One of some contents, so that many files consist of the same bytes, and others of bytes of their own. */
  async #content(): Promise<string> {
    const bytes = Buffer.from(`indhold ${10 + this.#below(50)}`);
    const stored = await this.files.receive(Readable.from([bytes]), 100);
    if (stored === 'too-large') throw new Error('unexpected');
    await sql`select note_stored(${stored.sha256}, 'pdf', ${stored.sizeBytes}, ${this.#noon})`.execute(this.database.owner.db);
    this.brought.set(stored.sha256, this.today);
    return stored.sha256;
  }

  async #document(of: Obligation, submission: string | null, version: Version | null): Promise<{ id: string; sha256: string }> {
    const document = { id: randomUUID(), sha256: version?.sha256 ?? (await this.#content()) };
    await this.database.owner.db
      .insertInto('document')
      .values({
        ...document,
        obligation_id: of.id,
        supplier_id: of.supplier,
        submission_id: submission,
        name: `${document.id}.pdf`,
        kind: 'pdf',
        size_bytes: 10,
        stored_at: this.#noon,
        stored_by: this.#account,
        evidence_version_id: version?.id ?? null,
      })
      .execute();
    return document;
  }

  /** What people do on a day. */
  async live(): Promise<void> {
    const { db } = this.database.owner;
    const obligation = this.#one(this.obligations);
    if (!obligation) return;
    const canFile = obligation.state === 'open' || obligation.state === 'returned';
    if (canFile && this.#chance(0.4)) await this.#changeDraft(obligation);
    else if (canFile) await this.#file(obligation);
    else if (obligation.state === 'submitted' && this.#chance(0.8)) {
      obligation.state = this.#chance(0.7) ? 'accepted' : 'returned';
      await db.updateTable('obligation').set({ state: obligation.state }).where('id', '=', obligation.id).execute();
    }
    if (this.#chance(0.4)) await this.#bringEvidence();
    if (this.#chance(0.2)) {
      const version = this.#one(this.versions.filter(({ erased, evidence }) => !erased && !evidence.withdrawn));
      if (version) {
        version.evidence.withdrawn = this.today;
        await db.updateTable('evidence').set({ withdrawn_at: this.#noon, withdrawn_reason: 'udgået' }).where('id', '=', version.evidence.id).execute();
      }
    }
    const filed = this.#one(this.submissions.filter(({ documents }) => documents.some(({ erased }) => !erased)));
    const document = filed?.documents.find(({ erased }) => !erased);
    if (filed && document && this.#chance(0.6)) {
      const reading: Reading = { id: randomUUID(), of: filed, day: this.today, erased: false };
      this.readings.push(reading);
      await db
        .insertInto('document_read')
        .values({ id: reading.id, document_id: document.id, supplier_id: filed.of.supplier, account_id: this.#account, account_name: 'x', what: 'download', at: this.#noon })
        .execute();
    }
    if (this.#chance(0.08)) await this.#hold();
    const lifted = this.#chance(0.08) ? this.#one(this.holds) : undefined;
    if (lifted) {
      this.holds = this.holds.filter((hold) => hold !== lifted);
      await db.updateTable('legal_hold').set({ lifted_at: this.#noon, lifted_by: this.#account, lifted_by_name: 'x', lifted_reason: 'x' }).where('id', '=', lifted.id).execute();
    }
    const extended = this.#chance(0.05) ? this.#one(this.#agreements) : undefined;
    if (extended) {
      extended.ends = addDays(extended.ends, this.#below(40));
      await db.updateTable('agreement').set({ ends_on: extended.ends }).where('id', '=', extended.id).execute();
    }
  }

  async #changeDraft(obligation: Obligation): Promise<void> {
    obligation.draft ??= { changed: this.today, saved: false, documents: [] };
    obligation.draft.changed = this.today;
    if (this.#chance(0.5)) obligation.draft.documents.push(await this.#document(obligation, null, null));
    else {
      obligation.draft.saved = true;
      const row = { answers: '{"a":"b"}', version: 1, saved_at: this.#noon, saved_by: this.#account };
      await this.database.owner.db
        .insertInto('draft')
        .values({ obligation_id: obligation.id, supplier_id: obligation.supplier, ...row })
        .onConflict((conflict) => conflict.column('obligation_id').doUpdateSet(row))
        .execute();
    }
  }

  async #file(obligation: Obligation): Promise<void> {
    const { db } = this.database.owner;
    const id = randomUUID();
    obligation.submissions += 1;
    await db
      .insertInto('submission')
      .values({
        id,
        obligation_id: obligation.id,
        supplier_id: obligation.supplier,
        number: obligation.submissions,
        answers: '{"svar":"hemmeligt"}',
        submitted_by: this.#account,
        submitted_by_name: 'x',
        submitted_at: this.#noon,
        receipt_number: id,
        form_key: id,
      })
      .execute();
    const documents: Submission['documents'] = [];
    const version = this.#chance(0.4) ? this.#one(this.versions.filter(({ erased, supplier }) => !erased && supplier === obligation.supplier)) : undefined;
    if (version) documents.push({ ...(await this.#document(obligation, id, version)), version, erased: false });
    for (let count = this.#below(3); count > 0; count -= 1) documents.push({ ...(await this.#document(obligation, id, null)), version: null, erased: false });
    await db.updateTable('document').set({ submission_id: id }).where('obligation_id', '=', obligation.id).where('submission_id', 'is', null).execute();
    for (const each of obligation.draft?.documents ?? []) documents.push({ ...each, version: null, erased: false });
    await db.deleteFrom('draft').where('obligation_id', '=', obligation.id).execute();
    obligation.draft = null;
    obligation.state = 'submitted';
    await db.updateTable('obligation').set({ state: 'submitted' }).where('id', '=', obligation.id).execute();
    this.submissions.push({ id, of: obligation, day: this.today, documents, emptied: false });
  }

  async #bringEvidence(): Promise<void> {
    const { db } = this.database.owner;
    const supplier = this.#one(this.#suppliers) ?? '';
    const sha256 = await this.#content();
    const validTo = this.#chance(0.7) ? addDays(this.today, this.#below(60)) : null;
    const evidence = { id: randomUUID(), withdrawn: null };
    const version: Version = { id: randomUUID(), evidence, supplier, sha256, validTo, erased: false };
    this.versions.push(version);
    await db.insertInto('evidence').values({ id: evidence.id, supplier_id: supplier, type: 'iso-certifikat', created_at: this.#noon, created_by: this.#account }).execute();
    await db
      .insertInto('evidence_version')
      .values({
        id: version.id,
        evidence_id: evidence.id,
        supplier_id: supplier,
        number: 1,
        name: 'certifikat.pdf',
        kind: 'pdf',
        size_bytes: 10,
        sha256,
        answers: '{"nummer":"7"}',
        valid_to: validTo,
        stored_at: this.#noon,
        stored_by: this.#account,
        stored_by_name: 'x',
      })
      .execute();
  }

  async #hold(): Promise<void> {
    const agreement = this.#chance(0.5) ? (this.#one(this.#agreements)?.id ?? null) : null;
    const hold: Hold = { id: randomUUID(), agreement, supplier: agreement ? null : (this.#one(this.#suppliers) ?? null) };
    if (this.holds.some((other) => other.agreement === hold.agreement && other.supplier === hold.supplier)) return;
    this.holds.push(hold);
    await this.database.owner.db
      .insertInto('legal_hold')
      .values({ id: hold.id, agreement_id: hold.agreement, supplier_id: hold.supplier, reason: 'sag', set_at: this.#noon, set_by: this.#account, set_by_name: 'x' })
      .execute();
  }

  #isHeld(supplier: string, agreement: string | null): boolean {
    return this.holds.some((hold) => hold.supplier === supplier || (agreement !== null && hold.agreement === agreement));
  }

  #filedDue({ of, day }: Submission): string {
    if (of.type === 'oplaering') return addMonths(day, months.people);
    return addMonths([of.agreement.ends, ...of.agreement.options].toSorted().at(-1) ?? '', months.filed);
  }

  /** Marks in the model what must be erased on this day. */
  erase(): void {
    for (const submission of this.submissions) {
      const { of } = submission;
      if (of.state === 'submitted' || this.#isHeld(of.supplier, of.agreement.id) || this.#filedDue(submission) > this.today) continue;
      for (const document of submission.documents) document.erased = true;
      submission.emptied ||= of.type !== 'oplaering';
    }
    for (const obligation of this.obligations) {
      const { draft } = obligation;
      if (!draft || this.#isHeld(obligation.supplier, obligation.agreement.id)) continue;
      if (addMonths([draft.changed, obligation.due].toSorted().at(-1) ?? '', months.drafts) <= this.today) obligation.draft = null;
    }
    for (const version of this.versions) {
      const ended = [version.validTo, version.evidence.withdrawn].filter((day) => day !== null).toSorted()[0];
      const inUse = this.submissions.some(({ documents }) => documents.some((document) => document.version === version && !document.erased));
      if (ended && addMonths(ended, months.library) <= this.today && !inUse && !this.#isHeld(version.supplier, null)) version.erased = true;
    }
    for (const reading of this.readings)
      if (addMonths(reading.day, months.readings) <= this.today && !this.#isHeld(reading.of.of.supplier, reading.of.of.agreement.id)) reading.erased = true;
  }

  /** Lets the product erase what it finds due on this day. */
  run(): ReturnType<typeof eraseDue> {
    return eraseDue(this.erasing);
  }

  /** What differs between the product and the model: ids that one has erased and the other has not. */
  async differences(): Promise<string[]> {
    const { db } = this.database.owner;
    const documents = await db.selectFrom('document').select(['id', 'name', 'erased_at', 'submission_id']).execute();
    const submissions = await db.selectFrom('submission').select(['id', 'answers']).execute();
    const versions = await db.selectFrom('evidence_version').select(['id', 'name', 'erased_at', 'answers']).execute();
    const kept = {
      product: [
        ...documents.filter(({ erased_at, name }) => !erased_at && name !== 'slettet').map(({ id }) => `document ${id}`),
        ...submissions.filter(({ answers }) => JSON.stringify(answers).includes('hemmeligt')).map(({ id }) => `answers ${id}`),
        ...(await db.selectFrom('draft').select('obligation_id').execute()).map(({ obligation_id }) => `draft ${obligation_id}`),
        ...versions.filter(({ erased_at, answers }) => !erased_at && JSON.stringify(answers).includes('nummer')).map(({ id }) => `version ${id}`),
        ...(await db.selectFrom('document_read').select('id').execute()).map(({ id }) => `reading ${id}`),
      ],
      model: [
        ...this.submissions.flatMap((submission) => submission.documents.filter(({ erased }) => !erased).map(({ id }) => `document ${id}`)),
        ...this.submissions.filter(({ emptied }) => !emptied).map(({ id }) => `answers ${id}`),
        ...this.obligations.flatMap(({ id, draft }) => [...(draft?.saved ? [`draft ${id}`] : []), ...(draft?.documents ?? []).map((document) => `document ${document.id}`)]),
        ...this.versions.filter(({ erased }) => !erased).map(({ id }) => `version ${id}`),
        ...this.readings.filter(({ erased }) => !erased).map(({ id }) => `reading ${id}`),
      ],
    };
    const [product, model] = [new Set(kept.product), new Set(kept.model)];
    return [
      ...[...product].filter((each) => !model.has(each)).map((each) => `${this.today}: ${each} should be gone`),
      ...[...model].filter((each) => !product.has(each)).map((each) => `${this.today}: ${each} should be there`),
    ];
  }

  /** Contents that some file still consists of. */
  get needed(): ReadonlySet<string> {
    return new Set([
      ...this.submissions.flatMap(({ documents }) => documents.filter(({ erased }) => !erased).map(({ sha256 }) => sha256)),
      ...this.obligations.flatMap(({ draft }) => (draft?.documents ?? []).map(({ sha256 }) => sha256)),
      ...this.versions.filter(({ erased }) => !erased).map(({ sha256 }) => sha256),
    ]);
  }

  /** What is wrong with the store: bytes that are needed and gone, or that nobody needs and that have been there for longer than the time of grace. */
  async wrongBytes(): Promise<string[]> {
    const wrong: string[] = [];
    for (const [sha256, day] of this.brought) {
      const there = (await this.files.stat(sha256)) !== null;
      if (this.needed.has(sha256) && !there) wrong.push(`${this.today}: ${sha256} is needed and gone`);
      if (!this.needed.has(sha256) && there && addDays(day, 9) < this.today) wrong.push(`${this.today}: ${sha256} is there and nobody needs it`);
    }
    return wrong;
  }

  /** What the plan says on this day: what goes on which day, if nothing else happens. */
  async plan(): Promise<ReadonlyMap<string, string>> {
    const { rows } = await sql<{ subject_id: string; due_on: string }>`
      select subject_id, greatest(due_on, ${this.today}::date) as due_on from retention_items(${rulesOf(retention)}::jsonb) where waits is null`.execute(this.worker.db);
    return new Map(rows.map(({ subject_id, due_on }) => [subject_id, due_on]));
  }
}
