import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { App } from '../../src/app.ts';
import type { FileKind } from '../../src/documents/kind.ts';
import { attach } from '../../src/followup/draft.ts';
import { type ObligationType, typedFields } from '../../src/followup/obligation-type.ts';
import type { Actor } from '../../src/identity/actor.ts';
import type { TestDatabase } from './database.ts';
import { testNow } from './known.ts';
import type { Visitor } from './visitor.ts';

/** The first obligation of a supplier in a state, read past row-level security. */
export async function obligationOf(database: Pick<TestDatabase, 'owner'>, cvr: string, state: string, type?: string) {
  let query = database.owner.db
    .selectFrom('obligation as o')
    .innerJoin('supplier as s', 's.id', 'o.supplier_id')
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .select(['o.id', 'o.type', 'o.state', 'o.due_on', 'o.supplier_id', 'o.requirement_id', 'a.number as agreement', 's.cvr'])
    .where('s.cvr', '=', cvr)
    .where('o.state', '=', state)
    .orderBy('o.due_on')
    .orderBy('o.id');
  if (type) query = query.where('o.type', '=', type);
  return query.executeTakeFirstOrThrow();
}

/** Something acceptable in every field of a type, as typed in Danish. */
export function fullAnswers(type: ObligationType): Record<string, string> {
  const values = { text: 'Prøve', longtext: 'En længere prøve', date: '2027-06-30', boolean: 'true', integer: '12', number: '3,5', percent: '85,5', money: '1.250,50' } as const;
  return Object.fromEntries(typedFields(type).map((field) => [field.key, field.type === 'enum' ? (field.options?.[0]?.value ?? '') : values[field.type]]));
}

/** A file in the draft of an obligation. */
export async function withFile(app: App, actor: Actor, obligationId: string, name = 'prøve.pdf', content = '%PDF-1.4 prøve', kind: FileKind = 'pdf'): Promise<string> {
  const stored = await app.files.receive(Readable.from([Buffer.from(content)]), 1_000_000);
  if (stored === 'too-large') throw new Error('unexpected');
  await attach(app.db, app.types, actor, obligationId, [{ name, kind, sizeBytes: stored.sizeBytes, sha256: stored.sha256 }], testNow);
  return stored.sha256;
}

/** An open task of 90000004 whose lines come as a file, made beside those of the demonstration. */
export async function salesTask({ owner: { db } }: Pick<TestDatabase, 'owner'>): Promise<{ id: string; agreement: string }> {
  const like = await db
    .selectFrom('obligation as o')
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .innerJoin('supplier as s', 's.id', 'o.supplier_id')
    .select(['o.agreement_id', 'o.supplier_id', 'o.due_on', 'o.opens_on', 'a.number as agreement'])
    .where('s.cvr', '=', '90000004')
    .where('o.state', '=', 'open')
    .orderBy('o.due_on')
    .orderBy('a.number', 'desc')
    .executeTakeFirstOrThrow();
  const { agreement, ...row } = like;
  const id = randomUUID();
  await db
    .insertInto('obligation')
    .values({ id, requirement_id: id, type: 'salgsstatistik', period: '2026-Q3', state: 'open', shown_publicly: false, ...row })
    .execute();
  return { id, agreement };
}

/** The lines that are kept of a task's returns, in the order of their file. */
export function keptLines({ owner: { db } }: Pick<TestDatabase, 'owner'>, obligationId: string) {
  return db
    .selectFrom('return_line as l')
    .innerJoin('return_file as f', 'f.id', 'l.return_file_id')
    .select(['l.line', 'l.cells'])
    .where('f.obligation_id', '=', obligationId)
    .orderBy('l.line')
    .execute();
}

/** The page of a task when its file has been read: the page itself waits some seconds only, which is too short on a busy machine. */
export async function whenRead(visitor: Pick<Visitor, 'text'>, address: string): Promise<string> {
  for (let tries = 0; tries < 10; tries += 1) {
    const page = await visitor.text(address);
    if (!page.includes('Vi læser »')) return page;
  }
  throw new Error('the file was never read');
}
