import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import type { AgreementContent } from '../../src/agreements/content.ts';
import { importAgreements, previewImport } from '../../src/agreements/import/import.ts';
import { openList } from '../../src/agreements/import/list.ts';
import { importContextOf } from '../../src/content/catalogue.ts';
import type { Db } from '../../src/platform/db.ts';
import { atEnd } from './clean-up.ts';
import { writtenContent } from './content.ts';
import { testNow } from './known.ts';

export const listContext = importContextOf(writtenContent());
const choices = { kind: 'contract', kindOfContract: 'supplies', acceptCvr: false, bringBack: false } as const;

/** A file with this content, for as long as the test file runs. */
export function listFile(content: string | Buffer, kind: 'csv' | 'xlsx' = 'csv'): { path: string; kind: 'csv' | 'xlsx' } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-list-of-test-'));
  atEnd(() => fs.rmSync(folder, { recursive: true }));
  const at = path.join(folder, `liste.${kind}`);
  fs.writeFileSync(at, content);
  return { path: at, kind };
}

/** Brings a list in, its columns read as guessed. */
export async function bringIn(db: Db, content: string | Buffer, changed: object = {}) {
  const list = await openList(listFile(content));
  const about = { reader: db, fileName: 'liste.csv', by: null, byName: 'prøve', now: testNow };
  return db.transaction().execute((tx) => importAgreements(tx, list, list.guessed, { ...choices, ...changed }, listContext, about));
}

/** What a list would do, its faults as "line column code". */
export async function preview(db: Db, content: string | Buffer, changed: object = {}, kind: 'csv' | 'xlsx' = 'csv') {
  const list = await openList(listFile(content, kind));
  const found = await db.transaction().execute((tx) => previewImport(tx, list, list.guessed, { ...choices, ...changed }, listContext));
  return { ...found, said: found.faults.map(({ line, column, code }) => `${line} ${column === null ? '-' : list.header[column]} ${code}`) };
}

/** What the site shows of an agreement; undefined where it shows none. */
export async function shown(db: Db, number: string): Promise<AgreementContent | undefined> {
  const { rows } = await sql<{ content: AgreementContent }>`
    select v.content from agreement a join agreement_version v on v.agreement_id = a.id where a.number = ${number} and a.withdrawn_at is null order by v.number desc limit 1`.execute(
    db,
  );
  return rows[0]?.content;
}
