import { describe, expect, test } from 'vitest';
import { warningFor, warnOfDrafts } from '../../src/followup/clock/warn.ts';
import { saveDraft } from '../../src/followup/draft.ts';
import { asWorker } from '../support/alerts.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { obligationOf, withFile } from '../support/obligations.ts';

describe('a draft that has not been filed', () => {
  test('warns five working days before its deadline and one, over weekends and holidays', () => {
    const days = ['2026-12-15', '2026-12-16', '2026-12-17', '2026-12-22', '2026-12-23', '2026-12-24', '2026-12-25'];
    expect(days.map((day) => warningFor('2026-12-24', day))).toEqual([undefined, undefined, 5, 5, 1, 1, undefined]);
    // Neither Christmas nor New Year are working days, and the third of January is a Sunday.
    expect(['2026-12-21', '2026-12-22', '2026-12-29', '2026-12-30', '2027-01-03', '2027-01-04'].map((day) => warningFor('2027-01-04', day))).toEqual([undefined, 5, 5, 1, 1, 1]);
  });

  test('warns those who worked on it, once for each warning, and nobody else', async () => {
    const app = await testApp();
    const worker = asWorker(app.database);
    const [typist, sender] = [await actorOf(app, 'leverandoer@demo.example'), await actorOf(app, 'kollega@demo.example')];
    const task = await obligationOf(app.database, '90000004', 'open');
    const owner = app.database.owner.db;
    await owner.updateTable('obligation').set({ due_on: '2027-06-30' }).where('state', 'in', ['open', 'returned']).execute();
    await owner.updateTable('obligation').set({ due_on: '2026-12-02' }).where('id', '=', task.id).execute();
    const context = { types: app.types, municipality: app.municipality, siteUrl: app.config.siteUrl };
    const warn = (today: string) => warnOfDrafts(worker.db, context, today);
    const mails = async () => {
      const rows = await owner.selectFrom('mail').select(['to_address', 'subject', 'body']).where('reason', 'like', 'draft:%').orderBy('to_address').execute();
      return rows;
    };
    expect(await warn('2026-11-25')).toBe(0);
    await saveDraft(app.db, typist, task.id, { x: 'y' }, 0, testNow);
    await withFile(app, sender, task.id);
    expect(await warn('2026-11-24')).toBe(0);
    expect(await warn('2026-11-25')).toBe(1);
    await warn('2026-11-26');
    expect((await mails()).map(({ to_address }) => to_address)).toEqual(['kollega@demo.example', 'leverandoer@demo.example']);
    const [first] = await mails();
    expect(first?.subject).toContain('Frist 2. december 2026');
    expect(first?.body).toContain(`/leverandoer/opgaver/${task.id}`);
    await warn('2026-12-01');
    expect(await mails()).toHaveLength(4);
    // The member has left: no mail follows.
    await owner.deleteFrom('membership').where('account_id', '=', sender.accountId).execute();
    await owner.updateTable('obligation').set({ due_on: '2026-12-03' }).where('id', '=', task.id).execute();
    await warn('2026-12-02');
    expect((await mails()).map(({ to_address }) => to_address).filter((to) => to === 'kollega@demo.example')).toHaveLength(2);
    expect(await mails()).toHaveLength(5);
  });
});
