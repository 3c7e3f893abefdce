import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, startJobs } from '../../src/app.ts';
import { readConfig } from '../../src/platform/config.ts';
import { asAccount } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { type Mail, mailBySmtp, mailToFolder } from '../../src/platform/mail/mail.ts';
import { queueMail } from '../../src/platform/mail/queue.ts';
import { freshDatabase } from '../support/database.ts';

const sender = { from: '"Høje-Taastrup Kommune" <no-reply@indkoeb.example>', host: 'indkoeb.example' };
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-mail-'));
const received: ParsedMail[] = [];
let refusing = 0;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, _session, done) {
    simpleParser(stream).then((mail) => {
      if (refusing > 0) {
        refusing -= 1;
        done(new Error('try again later'));
      } else {
        received.push(mail);
        done();
      }
    }, done);
  },
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve())));
afterAll(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  fs.rmSync(folder, { recursive: true, force: true });
});
const smtpUrl = (): string => `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;

const message = { id: '0b6a1c9e-0000-4000-8000-000000000001', to: 'leverandoer@demo.example', subject: 'Kvittering: sæbe & øl – 3. kvartal', text: 'Første linje\n\nÆØÅ æøå €\n' };

/** What every mail carrier must do. */
describe.each([
  ['SMTP', () => mailBySmtp(smtpUrl(), sender), async () => received.pop()],
  ['a folder', () => mailToFolder(folder, sender), async () => simpleParser(fs.readFileSync(path.join(folder, `${message.id}.eml`)))],
] as [string, () => Mail, () => Promise<ParsedMail | undefined>][])('mail by %s', (_name, make, arrived) => {
  test('arrives as written, with a Message-ID that stays the same when it is sent again', async () => {
    const mail = make();
    await mail.send(message);
    const first = await arrived();
    await mail.send(message);
    const second = await arrived();
    expect(first).toMatchObject({ subject: message.subject, messageId: `<${message.id}@indkoeb.example>` });
    expect(first?.text?.trimEnd()).toBe(message.text.trimEnd());
    expect(first?.from?.value[0]).toEqual({ name: 'Høje-Taastrup Kommune', address: 'no-reply@indkoeb.example' });
    expect(second?.messageId).toBe(first?.messageId);
  });

  test('a line break in subject or address starts no new header', async () => {
    await make()
      .send({ ...message, subject: 'a\r\nBcc: ond@evil.example', to: 'leverandoer@demo.example\r\nBcc: ond@evil.example' })
      .catch(() => {});
    const mail = await arrived();
    expect(mail?.bcc).toBeUndefined();
  });
});

test('a server that says no for a while gets the message later, once', async () => {
  const database = await freshDatabase();
  const log = createLog('error', () => {});
  const config = { ...readConfig({ DATA_DIR: folder, SMTP_URL: smtpUrl(), DEMO: 'true' }) };
  const app = createApp(config, database, log);
  const jobs = await startJobs(config, database, log);
  refusing = 1;
  received.length = 0;
  const queued = { reason: 'test:1', to: 'leverandoer@demo.example', subject: 'Prøve', text: 'Prøve' };
  await asAccount(app.db, null, (tx) => queueMail(tx, queued));
  await asAccount(app.db, null, (tx) => queueMail(tx, queued));
  await expect
    .poll(async () => (await database.owner.db.selectFrom('mail').select('sent_at').where('reason', '=', 'test:1').executeTakeFirst())?.sent_at, { timeout: 20_000 })
    .toBeTruthy();
  expect([received.length, refusing]).toEqual([1, 0]);
  await jobs.stop();
  await app.close();
});
