import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { writtenContent } from '../support/content.ts';
import { fullAnswers, obligationOf } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

/** Kills the server between every two steps of filing and looks at what is left. */
let healthy: TestServer;
let obligation: Awaited<ReturnType<typeof obligationOf>>;
const content = 'vare;mærke\nsæbe;Svanemærket\n';
const sha256 = createHash('sha256').update(content).digest('hex');

beforeAll(async () => {
  healthy = await startServer({ env: { WORKER: 'off' } });
  obligation = await obligationOf(healthy.database, '90000004', 'open', 'miljoemaerke-andel');
});

function filing(formKey: string, version: string): FormData {
  const type = writtenContent().types.get(obligation.type);
  const form = new FormData();
  form.set('form-key', formKey);
  form.set('version', version);
  form.set('intent', 'file');
  for (const [key, value] of Object.entries(type ? fullAnswers(type) : {})) form.set(`answer-${key}`, value);
  form.set('files', new Blob([content]), 'miljømærker.csv');
  return form;
}

/** Everything that a filing leaves behind, counted. */
async function traces() {
  const { db } = healthy.database.owner;
  const { rows } = await sql<{ state: string; submissions: number; files: number; audits: number; receipts: number; mails: number; jobs: number; drafts: number }>`
    with filed as (select id from submission where obligation_id = ${obligation.id})
    select (select state from obligation where id = ${obligation.id}) as state,
           (select count(*) from filed) as submissions,
           (select count(*) from document where submission_id in (select id from filed) and sha256 = ${sha256}) as files,
           (select count(*) from audit_entry where event = 'submission.filed' and subject in (select id::text from filed)) as audits,
           (select count(*) from receipt where submission_id in (select id from filed)) as receipts,
           (select count(*) from mail where reason in (select 'receipt:' || id from filed)) as mails,
           (select count(*) from graphile_worker._private_jobs j where j.payload ->> 'mailId' in (select m.id::text from mail m where m.reason in (select 'receipt:' || id from filed))) as jobs,
           (select count(*) from draft where obligation_id = ${obligation.id}) as drafts`.execute(db);
  return rows[0];
}

const complete = { state: 'submitted', submissions: 1, files: 1, audits: 1, receipts: 1, mails: 1, jobs: 1, drafts: 0 };
const nothing = { state: 'open', submissions: 0, files: 0, audits: 0, receipts: 0, mails: 0, jobs: 0 };

async function startOver(): Promise<void> {
  const { db } = healthy.database.owner;
  await db.deleteFrom('mail').where('reason', 'like', 'receipt:%').where('sent_at', 'is', null).execute();
  await db.deleteFrom('document').where('obligation_id', '=', obligation.id).execute();
  await db.deleteFrom('submission').where('obligation_id', '=', obligation.id).execute();
  await db.deleteFrom('draft').where('obligation_id', '=', obligation.id).execute();
  await db.updateTable('obligation').set({ state: 'open' }).where('id', '=', obligation.id).execute();
  fs.rmSync(path.join(healthy.dataDir, 'files', sha256.slice(0, 2)), { recursive: true, force: true });
}

test('what was acknowledged is there, exactly once, whatever step the server dies before', async () => {
  const visitor = new Visitor(healthy.base);
  await visitor.logIn('leverandoer@demo.example');
  const seen = { before: 0, after: 0 };
  let steps = 0;
  for (let at = 1; ; at += 1) {
    await startOver();
    const crashing = await startServer({ database: healthy.database, dataDir: healthy.dataDir, entry: 'test/support/crashing-server.ts', env: { WORKER: 'off' } });
    const formKey = crypto.randomUUID();
    const doomed = new Visitor(crashing.base);
    doomed.setCookie('session', visitor.cookies.get('session') ?? '');
    const answer = await doomed.post(`/leverandoer/opgaver/${obligation.id}`, filing(formKey, '0'), { 'x-crash-at': String(at) }).catch(() => null);

    const left = await traces();
    if (answer) {
      // The request came to its end before step `at`: every step has been tried.
      expect([answer.status, left]).toEqual([303, complete]);
      await crashing.stop();
      steps = at - 1;
      break;
    }
    await crashing.stop();
    if (left?.submissions === 0) {
      seen.before += 1;
      expect([at, left]).toMatchObject([at, nothing]);
    } else {
      seen.after += 1;
      expect([at, left]).toEqual([at, complete]);
    }

    // The supplier, who never got an answer, sends the same form again.
    const again = await visitor.post(`/leverandoer/opgaver/${obligation.id}`, filing(formKey, '0'));
    expect([at, again.status, again.headers.get('location')]).toEqual([at, 303, expect.stringContaining('/leverandoer/kvitteringer/')]);
    expect([at, await traces()]).toEqual([at, complete]);
    const receipt = await visitor.text(again.headers.get('location') ?? '');
    expect([at, receipt.includes(sha256)]).toEqual([at, true]);
    const stored = fs.readFileSync(path.join(healthy.dataDir, 'files', sha256.slice(0, 2), sha256.slice(2, 4), sha256));
    expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
  }
  console.log(`filing takes ${steps} steps; killed before each: ${seen.before} times nothing was filed, ${seen.after} times all of it`);
  expect(steps).toBeGreaterThan(25);
  expect(seen.before).toBeGreaterThan(20);
  expect(seen.after).toBeGreaterThan(0);
}, 300_000);
