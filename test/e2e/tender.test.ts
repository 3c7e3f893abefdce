import { parseAtomFeed } from 'feedsmith';
import ICAL from 'ical.js';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { remind } from '../../src/tenders/clock.ts';
import { asWorker } from '../support/alerts.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { writtenContent } from '../support/content.ts';
import { freshDatabase } from '../support/database.ts';
import { type Mailbox, startMailbox } from '../support/mailbox.ts';
import { startServer } from '../support/server.ts';
import { buildNotice, type NoticeToBuild, noticeId } from '../tenders/notice-builder.ts';

/**
 * One tender from planned through open, changed, asked about, closed and awarded to an agreement in the register: what the
 * site shows, the mails that a subscriber gets from a real mail server, and the feeds at each step.
 */
const browser = useBrowser();
const { municipality } = writtenContent();

const common: NoticeToBuild = {
  procedureId: noticeId(77),
  title: { DAN: 'Rengøring af biblioteker', ENG: 'Cleaning of libraries' },
  description: { DAN: 'Daglig rengøring af fire biblioteker.', ENG: 'Daily cleaning of four libraries.' },
  cpv: '90919200',
  buyers: [{ name: municipality.name.da, cvr: municipality.cvr, country: 'DNK' }],
};
const lot = { id: 'LOT-0001', title: { DAN: 'Biblioteker', ENG: 'Libraries' }, months: '24', maxRenewals: '1' };
const notices = {
  planned: { ...common, subtype: '4', id: noticeId(71), procedureId: null, planned: '2027-02-01+01:00', dispatched: ['2026-11-16+01:00', '10:00:00+01:00'] },
  open: {
    ...common,
    subtype: '16',
    id: noticeId(72),
    dispatched: ['2026-11-20+01:00', '10:00:00+01:00'],
    process: `<cac:NoticeDocumentReference><cbc:ID schemeName="notice-id-ref">${noticeId(71)}-01</cbc:ID></cac:NoticeDocumentReference>`,
    lots: [{ ...lot, deadline: ['2026-12-18+01:00', '12:00:00+01:00'], submissionUrl: 'https://udbud.example/biblioteker' }],
  },
  changed: {
    ...common,
    subtype: '16',
    id: noticeId(73),
    dispatched: ['2026-11-22+01:00', '10:00:00+01:00'],
    change: { notice: `${noticeId(72)}-01`, reasons: ['update-add'] },
    lots: [{ ...lot, deadline: ['2027-01-08+01:00', '12:00:00+01:00'], submissionUrl: 'https://udbud.example/biblioteker' }],
  },
  awarded: {
    ...common,
    subtype: '29',
    id: noticeId(74),
    dispatched: ['2027-01-25+01:00', '10:00:00+01:00'],
    lots: [{ ...lot, start: '2027-03-01+01:00' }],
    result: {
      lots: [
        {
          lot: 'LOT-0001',
          chosen: 'selec-w',
          received: { tenders: '6' },
          winners: [{ members: [{ name: 'Nordlys Rengøring A/S', cvr: '90002740', country: 'DNK' }], value: '2400000', contract: '2027-041', concluded: '2027-01-22+01:00' }],
        },
      ],
    },
  },
} satisfies Record<string, NoticeToBuild>;

async function bringIn(page: Page, name: keyof typeof notices): Promise<void> {
  await page.goto('/forvaltning/udbud');
  await page.setInputFiles('#bekendtgoerelser', { name: `${name}.xml`, mimeType: 'application/xml', buffer: Buffer.from(buildNotice(notices[name])) });
  await page.getByRole('button', { name: 'Læs ind' }).click();
  await page.locator('#resultat').getByText('Læst ind: Rengøring af biblioteker.').waitFor();
}

/** The events and the newest entry that feeds have of the tender. */
async function feeds(base: string) {
  const calendar = new ICAL.Component(ICAL.parse(await (await fetch(`${base}/feeds/udbud.ics`)).text()));
  const events = calendar.getAllSubcomponents('vevent').map((each) => new ICAL.Event(each));
  const feed = parseAtomFeed(await (await fetch(`${base}/feeds/udbud.atom`)).text());
  return {
    events: events
      .filter(({ summary }) => summary.includes('Rengøring af biblioteker'))
      .map((event) => ({ uid: event.uid, at: event.startDate.toJSDate().toISOString(), sequence: event.sequence, status: event.component.getFirstPropertyValue('status') })),
    entry: feed.entries?.find(({ title }) => JSON.stringify(title).includes('Rengøring af biblioteker')),
  };
}

const tellsOf = (mailbox: Mailbox, count: number) => expect.poll(() => mailbox.received.map(({ subject }) => subject), { timeout: 30_000 }).toHaveLength(count);

test('one tender from the plan to the agreement', { timeout: 240_000 }, async () => {
  const mailbox = await startMailbox();
  const database = await freshDatabase();
  const first = await startServer({ database, env: { SMTP_URL: mailbox.url } });
  const subscriber = await browser.open(first.base, { viewport: { width: 390, height: 844 } });
  const staff = await browser.open(first.base, { viewport: { width: 1280, height: 900 } });

  // Somebody who cleans wants to hear of it.
  await subscriber.goto('/abonner?kategori=rengoering&planlagte=1');
  await subscriber.fill('#email', 'anne@firma.example');
  await subscriber.check('#rytme-at-once');
  await subscriber.getByRole('button', { name: 'Tilmeld' }).click();
  await tellsOf(mailbox, 1);
  await subscriber.goto(new URL(/http:\/\/\S+\/bekraeft\/[\w-]+/.exec(mailbox.received[0]?.text ?? '')?.[0] ?? '').pathname);
  await subscriber.getByRole('button', { name: 'Ja, send mig mails' }).click();

  // Planned.
  await logIn(staff, 'redaktoer@demo.example');
  await bringIn(staff, 'planned');
  await expectNoAxeFindings(staff, 'notices brought in');
  await tellsOf(mailbox, 2);
  expect(mailbox.received[1]?.subject).toContain('Rengøring af biblioteker');
  const planned = await feeds(first.base);
  expect(planned.events).toMatchObject([{ status: 'TENTATIVE' }]);
  await subscriber.goto('/udbud');
  await subscriber.getByRole('link', { name: 'Rengøring af biblioteker' }).click();
  const address = new URL(subscriber.url()).pathname;
  expect(await subscriber.textContent('main')).toContain('1. kvartal 2027');

  // Open: the same page.
  await bringIn(staff, 'open');
  await tellsOf(mailbox, 3);
  expect(mailbox.received[2]?.text).toContain('18. december 2026');
  const open = await feeds(first.base);
  expect(open.events).toMatchObject([{ at: '2026-12-18T11:00:00.000Z', status: 'CONFIRMED' }]);
  await subscriber.goto(address);
  await expectNoAxeFindings(subscriber, 'an open tender on a phone');
  await expectNoSidewaysScroll(subscriber, 'an open tender on a phone');
  expect(await subscriber.textContent('main')).toMatch(/Frist for tilbud: fredag den 18\. december 2026 kl\. 12\.00 \(om 25 dage\)/);

  // Changed, field by field.
  await bringIn(staff, 'changed');
  await tellsOf(mailbox, 4);
  expect(mailbox.received[3]?.text).toContain('Frist for tilbud: før fredag den 18. december 2026 kl. 12.00, nu fredag den 8. januar 2027 kl. 12.00');
  const changed = await feeds(first.base);
  expect(changed.events).toMatchObject([{ uid: open.events[0]?.uid, at: '2027-01-08T11:00:00.000Z' }]);
  expect(Number(changed.events[0]?.sequence)).toBeGreaterThan(Number(open.events[0]?.sequence));
  expect(JSON.stringify(changed.entry)).toContain('8. januar 2027');

  // Asked about, and answered without who asked.
  await subscriber.goto(address);
  await subscriber.getByText('Stil et spørgsmål').click();
  await subscriber.fill('#text', 'Er vinduer med?');
  await subscriber.fill('#address', 'bo@andet-firma.example');
  await subscriber.getByRole('button', { name: 'Send spørgsmål' }).click();
  await subscriber.getByText('Vi har sendt dig en mail med et link.').waitFor();
  await tellsOf(mailbox, 5);
  await subscriber.goto(new URL(/http:\/\/\S+\/udbud\/spoergsmaal\/[\w-]+/.exec(mailbox.received[4]?.text ?? '')?.[0] ?? '').pathname);
  await expectNoAxeFindings(subscriber, 'a question to confirm');
  await subscriber.getByRole('button', { name: 'Send det nu' }).click();
  await subscriber.getByText('Vi har fået dit spørgsmål').waitFor();
  await staff.goto(`/forvaltning${address}`);
  await expectNoAxeFindings(staff, 'a tender that staff add to');
  await staff.getByLabel('Svar', { exact: true }).fill('Ja, to gange om året.');
  await staff.getByRole('button', { name: 'Udgiv svaret' }).click();
  await staff.getByText('Svaret er udgivet.').waitFor();
  // Who follows a whole category hears of deadlines and changes, not of each answer.
  await tellsOf(mailbox, 6);
  const answered = mailbox.received[5]?.to;
  expect(answered && 'value' in answered && answered.value[0]?.address).toBe('bo@andet-firma.example');
  await subscriber.goto(address);
  expect(await subscriber.textContent('#spoergsmaal-1')).toContain('Ja, to gange om året.');
  expect(await subscriber.content()).not.toContain('andet-firma');

  // Closing soon: reminded once.
  const worker = asWorker(database);
  await remind(worker.db, new Date('2027-01-06T09:00:00Z'));
  await remind(worker.db, new Date('2027-01-07T09:00:00Z'));
  await tellsOf(mailbox, 7);
  await first.stop();

  // Closed by its deadline alone.
  const second = await startServer({ database, dataDir: first.dataDir, env: { SMTP_URL: mailbox.url, NOW: '2027-01-27T09:00:00Z' } });
  const citizen = await browser.open(second.base, { viewport: { width: 1280, height: 900 } });
  await citizen.goto(address);
  expect(await citizen.textContent('main .tag')).toContain('Lukket');

  // Awarded: who won, and the agreement to confirm.
  const keeper = await browser.open(second.base, { viewport: { width: 1280, height: 900 } });
  await logIn(keeper, 'redaktoer@demo.example');
  await bringIn(keeper, 'awarded');
  await tellsOf(mailbox, 8);
  expect(mailbox.received[7]?.subject).toContain('Rengøring af biblioteker');
  await citizen.goto(address);
  expect(await citizen.textContent('#resultat')).toMatch(/Nordlys Rengøring A\/S.*CVR 90002740.*6.*2\.400\.000/s);
  await expectNoAxeFindings(citizen, 'an awarded tender');
  await keeper.locator('#resultat').getByRole('link', { name: 'Opret aftalen ud fra udbuddet' }).click();
  expect(await keeper.inputValue('#number')).toBe('2027-041');
  expect(await keeper.inputValue('#endsOn')).toBe('28-02-2029');
  expect(await keeper.inputValue('#suppliers')).toContain('90002740; Nordlys Rengøring A/S');
  await keeper.getByRole('button', { name: 'Gem kladde' }).click();
  await keeper.getByRole('button', { name: 'Udgiv' }).click();
  await citizen.goto(address);
  await citizen.locator('aside').getByRole('link', { name: 'Rengøring af biblioteker' }).click();
  expect(new URL(citizen.url()).pathname).toBe('/aftaler/2027-041');
  await citizen.goto('/aftaler?q=biblioteker');
  expect(await citizen.textContent('main')).toContain('2027-041');
  await second.stop();
});
