import { expect, test } from 'vitest';
import { announced, asWorker, someNews } from '../support/alerts.ts';
import { expectNoAxeFindings, expectNoSidewaysScroll, logIn, useBrowser } from '../support/browser.ts';
import { freshDatabase } from '../support/database.ts';
import { type Mailbox, startMailbox } from '../support/mailbox.ts';
import { startServer } from '../support/server.ts';
import { rawRequest } from '../support/visitor.ts';

/**
 * The whole way of an alert with a real mail server: sign up, confirm from the mail, something is published, the mail
 * comes with the button of RFC 8058, one click, and no more mail.
 */
const browser = useBrowser();

const words = {
  da: {
    page: '/abonner',
    error: 'Fejl: ',
    check: 'Åbn din mail, og bekræft',
    confirm: 'Ja, send mig mails',
    done: 'Du er tilmeldt',
    subject: 'Nyt udbud: Rengøring af skoler',
    changed: 'Ny aftale',
  },
  en: {
    page: '/en/subscribe',
    error: 'Error: ',
    check: 'Open your mail and confirm',
    confirm: 'Yes, send me mails',
    done: 'You are signed up',
    subject: 'New tender: Cleaning of schools',
    changed: 'New agreement',
  },
} as const;

async function nextMail(mailbox: Mailbox, count: number) {
  await expect.poll(() => mailbox.received.length, { timeout: 20_000 }).toBe(count);
  return mailbox.received[count - 1];
}

test.each([
  { lang: 'da', width: 320, script: false },
  { lang: 'en', width: 1280, script: true },
] as const)('from sign-up to the last mail ($lang, $width px, script: $script)', async ({ lang, width, script }) => {
  const mailbox = await startMailbox();
  const database = await freshDatabase();
  const server = await startServer({ database, env: { SMTP_URL: mailbox.url } });
  const worker = asWorker(database);
  const w = words[lang];
  const page = await browser.open(server.base, { viewport: { width, height: 900 }, javaScriptEnabled: script });
  const twin = await browser.open(server.base, { viewport: { width, height: 900 } });
  const look = async (what: string): Promise<void> => {
    await expectNoSidewaysScroll(page, what);
    await twin.setContent((await page.content()).replaceAll(/<link rel="preload[^>]*>/g, ''));
    await expectNoAxeFindings(twin, what);
  };

  // By the keyboard alone: first a mistake, then the form.
  await page.goto(w.page);
  await page.focus('#email');
  await page.keyboard.type('anne@firma');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.title()).toContain(w.error);
  await look('the form with faults');
  await page.click('.notice--bad a[href="#valg"]');
  await page.fill('#email', 'anne@firma.example');
  await page.focus('#kategori-rengoering');
  await page.keyboard.press('Space');
  await page.focus('#rytme-daily');
  await page.keyboard.press('ArrowUp');
  await page.focus('#email');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.textContent('h1')).toBe(w.check);
  await look('what was sent');

  const asked = await nextMail(mailbox, 1);
  expect([asked?.to && 'value' in asked.to && asked.to.value[0]?.address, mailbox.received.length]).toEqual(['anne@firma.example', 1]);
  const link = new URL(/http:\/\/\S+\/(?:bekraeft|confirm)\/[\w-]+/.exec(asked?.text ?? '')?.[0] ?? '');
  await page.goto(link.pathname);
  await look('the page behind the link');
  await page.click(`button:text-is("${w.confirm}")`);
  await expect.poll(() => page.textContent('h1')).toBe(w.done);
  await look('the settings');

  await announced(worker, someNews());
  const told = await nextMail(mailbox, 2);
  expect(told?.subject).toBe(w.subject);
  const header = (name: string): string => told?.headerLines.find(({ key }) => key === name)?.line.replace(/\r?\n\s+/g, ' ') ?? '';
  expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  const click = new URL(/<(\S+)>/.exec(header('list-unsubscribe'))?.[1] ?? '');
  await page.goto(click.pathname);
  await look('the page that stops');

  // As the mail program does it: no cookie, no origin.
  const body = 'List-Unsubscribe=One-Click';
  const clicked = await rawRequest(server.base, { method: 'POST', path: click.pathname, headers: { 'content-type': 'application/x-www-form-urlencoded' } }, body);
  expect(clicked.status).toBe(200);
  await page.goto(click.pathname);
  await look('stopped');
  expect(await database.owner.db.selectFrom('subscription').select('address').execute()).toEqual([{ address: null }]);
  await announced(worker, someNews({ version: 2, reason: 'cancelled' }));
  await expect.poll(async () => server.log.filter((line) => line['event'] === 'news matched').length, { timeout: 20_000 }).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(mailbox.received.length).toBe(2);
  await server.stop();
});

test('who follows an agreement hears of it when staff publish a change, field by field', async () => {
  const mailbox = await startMailbox();
  const database = await freshDatabase();
  const server = await startServer({ database, env: { SMTP_URL: mailbox.url } });
  const page = await browser.open(server.base);
  await page.goto('/aftaler/2024-031');
  await page.click('a[href="/abonner?aftale=2024-031"]');
  await page.fill('#email', 'bo@firma.example');
  await page.click('button:text-is("Tilmeld")');
  const asked = await nextMail(mailbox, 1);
  await page.goto(new URL(/http:\/\/\S+\/bekraeft\/[\w-]+/.exec(asked?.text ?? '')?.[0] ?? '').pathname);
  await page.click('button:text-is("Ja, send mig mails")');
  await expect.poll(() => page.textContent('h1')).toBe('Du er tilmeldt');

  await logIn(page, 'redaktoer@demo.example');
  await page.goto('/forvaltning/aftaler/2024-031');
  await page.fill('#titleDa', 'Hygiejneartikler og papir til alle');
  await page.click('button[value="save"]');
  await page.click('button[value="publish"]');
  const told = await nextMail(mailbox, 2);
  expect(told?.subject).toBe('Ændret: Hygiejneartikler og papir til alle');
  expect(told?.text).toContain('- Titel: før Hygiejneartikler og aftørringspapir, nu Hygiejneartikler og papir til alle');
  expect(told?.text).toContain('besked om aftale 2024-031.');
  await server.stop();
});
