import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { enqueueDue } from '../../src/documents/checking/clock.ts';
import { checkStored, nextTry } from '../../src/documents/checking/job.ts';
import { clamd, type Scanner, signaturesFrom } from '../../src/documents/scanner/clamd.ts';
import { minutes } from '../../src/platform/clock.ts';
import { clamdFolder, eicar, fakeClamd, marker, noClamd, type RunningClamd, startClamd } from '../support/clamd.ts';
import { testNow } from '../support/known.ts';
import { fileWith } from './checking.ts';
import { checkingDesk } from './desk.ts';
import { catalog, onePage, pdf, stream, textPdf } from './made-pdf.ts';
import { docxParts, zip } from './made-zip.ts';

const soon = { answer: 0.4, silence: 1 };
if (noClamd) console.log(`skipped: tests with a real clamd: ${noClamd}`);

describe('what the scanner answers is taken by the letter', () => {
  const scanWith = async (answer: string, options = {}): Promise<unknown> => clamd((await fakeClamd(answer, options)).address, soon).scan(fileWith('x'.repeat(10)));

  test('only the whole words that nothing was found make a file clean', async () => {
    expect(await scanWith('stream: OK\0')).toMatchObject({ verdict: 'clean', signatures: expect.stringMatching(/^ClamAV/) as string });
    for (const answer of [
      'stream: OK',
      'stream: ok\0',
      'stream: OK \0',
      ' stream: OK\0',
      'OK\0',
      'other: OK\0',
      'stream: OK\0stream: Virus FOUND\0',
      'stream: OK\n',
      'stream: ERROR\0',
      '\0',
      'x'.repeat(5_000),
    ])
      expect(await scanWith(answer)).toMatchObject({ verdict: 'waiting', reason: 'scanner-unclear' });
  });

  test('what was found is refused, with the name of what it was', async () => {
    expect(await scanWith('stream: Win.Test.EICAR_HDB-1 FOUND\0')).toMatchObject({ verdict: 'refused', reason: 'malware', signature: 'Win.Test.EICAR_HDB-1' });
    expect(await scanWith('stream: Heuristics.Encrypted.PDF FOUND\0')).toMatchObject({ verdict: 'refused', reason: 'password' });
    expect(await scanWith('stream: Heuristics.OLE2.ContainsMacros.VBA FOUND\0')).toMatchObject({ verdict: 'refused', reason: 'macros' });
  });

  test('what was too much for it is no verdict', async () => {
    expect(await scanWith('INSTREAM size limit exceeded. ERROR\0')).toMatchObject({ verdict: 'waiting', reason: 'scanner-limit' });
    expect(await scanWith('stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0')).toMatchObject({ verdict: 'waiting', reason: 'scanner-limit' });
  });

  test('an answer before the end of the file is none', async () => {
    const { address } = await fakeClamd('stream: OK\0', { early: true });
    expect(await clamd(address, soon).scan(fileWith(randomBytes(20_000_000)))).toMatchObject({ verdict: 'waiting' });
  });

  test('silence and hanging up are none', async () => {
    expect(await scanWith('hang up')).toMatchObject({ verdict: 'waiting', reason: 'scanner-away' });
    expect(await scanWith('say nothing')).toMatchObject({ verdict: 'waiting', reason: 'scanner-slow' });
    expect(await clamd('127.0.0.1:1', soon).scan(fileWith('x'))).toMatchObject({ verdict: 'waiting', reason: 'scanner-away' });
    expect(await clamd('/nowhere/at-all', soon).scan(fileWith('x'))).toMatchObject({ verdict: 'waiting', reason: 'scanner-away' });
    expect(await clamd('/nowhere/at-all', soon).version()).toBeNull();
  });

  test('a file that cannot be read is not the scanner’s fault', async () => {
    const { address } = await fakeClamd('stream: OK\0');
    await expect(clamd(address, soon).scan('/nowhere/at-all')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('the age of the signatures is read where it is told', () => {
    expect(signaturesFrom('ClamAV 1.4.6/27500/Mon Nov 23 09:12:11 2026')?.getFullYear()).toBe(2026);
    expect(signaturesFrom('ClamAV 1.4.6')).toBeNull();
  });
});

test('what waits is tried again after a minute, two, four, and then every hour for ever', () => {
  const waits = [0, 1, 2, 5, 6, 500].map((tries) => (nextTry(testNow, tries).getTime() - testNow.getTime()) / minutes(1));
  expect(waits).toEqual([1, 2, 4, 32, 60, 60]);
});

describe.skipIf(noClamd)('a real clamd', () => {
  let real: RunningClamd;
  let desk: Awaited<ReturnType<typeof checkingDesk>>;
  const folder = clamdFolder();
  const inPage = (bytes: Buffer): Buffer => pdf({ 1: catalog(), ...onePage('/Contents 4 0 R'), 4: stream('', bytes) });
  beforeAll(async () => {
    real = await startClamd({ folder });
    desk = await checkingDesk();
  });

  test('finds the test virus wherever our own checks let it through, and the others are refused by them', async () => {
    const files = [
      await desk.bring('txt', eicar),
      await desk.bring('csv', Buffer.concat([Buffer.from('a;b\n'), eicar])),
      await desk.bring('docx', zip(docxParts(['Hej'], [{ name: 'word/media/a.png', data: eicar }]))),
      await desk.bring('pdf', inPage(eicar)),
      await desk.bring('docx', zip(docxParts(['Hej'], [{ name: 'word/media/b.png', data: zip([{ name: 'a', data: eicar }]) }]))),
      await desk.bring('pdf', pdf({ 1: catalog(), ...onePage(), 4: stream('/Type /EmbeddedFile', eicar) })),
    ];
    const reasons: (string | null)[] = [];
    for (const file of files) {
      await checkStored(desk.context(clamd(real.address)), file);
      const row = await desk.rowOf(file);
      expect(row.verdict).toBe('refused');
      reasons.push(row.reason);
      expect(await desk.isServed(file)).toBe(false);
    }
    expect(reasons).toEqual(['malware', 'malware', 'malware', 'malware', 'zip-nested', 'pdf-attachment']);
    const honest = await desk.bring('pdf', textPdf(['Hej']));
    await checkStored(desk.context(clamd(real.address)), honest);
    expect(await desk.rowOf(honest)).toMatchObject({ verdict: 'clean', reason: null, signatures: expect.stringMatching(/^ClamAV 1\./) as string, next_try_at: null });
    expect((await desk.auditOf(files[0] ?? honest)).map(({ event, detail }) => [event, (detail as { signature: string }).signature])).toEqual([
      ['file.refused', 'Test.0.UNOFFICIAL'],
    ]);
    expect((await desk.mails()).map(({ body }) => body).join()).not.toContain('UNOFFICIAL');
  });

  /** Faults, each with what the row then says, and how the scanner comes back. */
  const faults: readonly (readonly [string, reason: string, () => Promise<{ address: string; again(): Promise<string> }>])[] = [
    ['is down', 'scanner-away', async () => ({ address: `${folder}/none`, again: async () => real.address })],
    [
      'is frozen',
      'scanner-slow',
      async () => {
        real.process.kill('SIGSTOP');
        return {
          address: real.address,
          async again() {
            real.process.kill('SIGCONT');
            return real.address;
          },
        };
      },
    ],
    [
      'has no signatures, so that it does not start',
      'scanner-away',
      async () => {
        const empty = clamdFolder();
        await expect(startClamd({ folder: empty, signatures: [] })).rejects.toThrow('did not start');
        return { address: `${empty}/socket`, again: async () => (await startClamd({ folder: empty })).address };
      },
    ],
    [
      'takes no file of that size',
      'scanner-limit',
      async () => {
        const small = await startClamd({ streamLimit: '1M' });
        return {
          address: small.address,
          async again() {
            await small.stop();
            return real.address;
          },
        };
      },
    ],
    ['answers ERROR', 'scanner-unclear', async () => ({ address: (await fakeClamd("stream: Can't allocate memory ERROR\0")).address, again: async () => real.address })],
    ['hangs up without a word', 'scanner-away', async () => ({ address: (await fakeClamd('hang up')).address, again: async () => real.address })],
  ];

  test('what it says while the file is still on its way to it is heard, every time', async () => {
    const { address } = await startClamd({ streamLimit: '1M' });
    const file = fileWith(randomBytes(3_000_000));
    const said: unknown[] = [];
    for (let times = 0; times < 100; times += 1) said.push(await clamd(address).scan(file));
    expect(said.filter((scan) => (scan as { reason?: string }).reason !== 'scanner-limit')).toEqual([]);
  });

  test.each(faults)('that %s leaves a file kept and unserved, and it is scanned by itself later', async (_name, reason, happen) => {
    const file = await desk.bring('txt', randomBytes(1_500_000).toString('hex'));
    const { address, again } = await happen();
    for (let tries = 1; tries <= 2; tries += 1) {
      await checkStored(desk.context(clamd(address, soon)), file);
      const row = await desk.rowOf(file);
      expect(row).toMatchObject({ verdict: 'waiting', reason, tries, checked_at: null });
      expect(row.next_try_at).toEqual(nextTry(testNow, tries - 1));
      expect(await desk.isServed(file)).toBe(false);
      expect(await desk.app.files.stat(file.sha256)).not.toBeNull();
    }
    expect(await desk.auditOf(file)).toEqual([]);
    // Control: a client that takes "not infected" for clean serves the same bytes.
    const strict = clamd(address, soon);
    const weak: Scanner = {
      version: async () => 'ClamAV',
      scan: async (place) => ((await strict.scan(place)).verdict === 'refused' ? strict.scan(place) : { verdict: 'clean', signatures: 'ClamAV' }),
    };
    const other = await desk.bring('txt', randomBytes(1_500_000).toString('hex'));
    await checkStored(desk.context(weak), other);
    expect(await desk.isServed(other)).toBe(true);

    const back = await again();
    const later = new Date(testNow.getTime() + minutes(3));
    const isCalledFor = async (now: Date): Promise<boolean> => {
      await desk.emptyQueue();
      await enqueueDue(desk.context(null, now));
      return (await desk.jobs()).some(({ key }) => key.includes(file.sha256));
    };
    expect([await isCalledFor(testNow), await isCalledFor(later)]).toEqual([false, true]);
    await checkStored(desk.context(clamd(back), later), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'clean', reason: null });
    expect(await desk.isServed(file)).toBe(true);
    expect((await desk.auditOf(file)).map(({ event }) => event)).toEqual(['file.checked']);
  });

  test('that has learnt more finds in an old file what it did not know, and the file is served no more', async () => {
    const file = await desk.bring('txt', `Hej ${marker}`);
    let version = 'ClamAV 1.4.6/27500/Mon Nov 23 09:12:11 2026';
    const learning = clamdFolder();
    let knowing = await startClamd({ folder: learning });
    // The version is told by the server in front, since only signed signatures carry one.
    const { address } = await fakeClamd('', { version: () => version, behind: knowing.address });
    await checkStored(desk.context(clamd(address)), file);
    expect(await desk.isServed(file)).toBe(true);
    await knowing.stop();
    knowing = await startClamd({ folder: learning, signatures: [eicar, marker] });
    await checkStored(desk.context(clamd(address)), file);
    expect(await desk.isServed(file)).toBe(true);
    version = 'ClamAV 1.4.6/27501/Tue Nov 24 09:12:11 2026';
    await checkStored(desk.context(clamd(address)), file);
    expect(await desk.rowOf(file)).toMatchObject({ verdict: 'refused', reason: 'malware', signatures: version });
    expect(await desk.isServed(file)).toBe(false);
  });

  test('that is killed while it scans never makes a file clean', async () => {
    const file = fileWith(randomBytes(24_000_000));
    const answers: string[] = [];
    for (let tries = 0; tries < 8 && !answers.includes('waiting'); tries += 1) {
      const mortal = await startClamd();
      const scanning = clamd(mortal.address, soon).scan(file);
      await sleep(40);
      await mortal.stop('SIGKILL');
      answers.push((await scanning).verdict);
    }
    expect(answers.at(-1)).toBe('waiting');
  });
});
