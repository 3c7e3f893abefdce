import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../src/documents/checks/check.ts';
import { endOf, startConfined } from '../../src/platform/confined.ts';
import { atEnd } from '../support/clean-up.ts';
import { checkersAlive, fileWith } from './checking.ts';
import { catalog, deflatedBomb, onePage, pdf, stream, textPdf } from './made-pdf.ts';
import { docxParts, zip } from './made-zip.ts';

/** A document that takes several seconds of processor time to read, also on a fast machine, packed to less than a megabyte; with bytes that cannot be packed added. */
function slowFile(more = 0): string {
  const elements = Array.from({ length: 4_000_000 }, (_, index) => `<b c="${index % 101}">${index % 3}</b>`).join('');
  return fileWith(
    zip(
      docxParts(
        ['Hej'],
        [
          { name: 'word/a.xml', data: `<a>${elements}</a>` },
          { name: 'word/media/a.png', data: randomBytes(more) },
        ],
      ),
    ),
  );
}

describe('whatever stops the process that reads a file never makes the file clean', () => {
  const whole = fileWith(textPdf(['Hej']));

  test.each(['SIGTERM', 'SIGKILL'] as const)('killed with %s: a person decides', async (signal) => {
    const checking = checkFile(slowFile(), 'docx');
    while (checkersAlive().length === 0) await sleep(5);
    for (const pid of checkersAlive()) process.kill(Number(pid), signal);
    expect(await checking).toMatchObject({ verdict: 'held', reason: 'check-failed' });
  });

  test('hanging: a person decides, since the machine may be to blame', async () => {
    expect(await checkFile(whole, 'pdf', { seconds: 0.02 })).toMatchObject({ verdict: 'held', reason: 'took-too-long' });
    expect(checkersAlive()).toEqual([]);
  });

  test('out of memory: a small file is refused, a large one goes to a person', async () => {
    const { filter, data } = deflatedBomb(Buffer.from('BT ET '));
    const page = { 1: catalog(), ...onePage('/Contents 4 0 R'), 4: stream(filter, data) };
    expect(await checkFile(fileWith(pdf(page)), 'pdf')).toMatchObject({ verdict: 'refused', reason: 'too-heavy' });
    expect(await checkFile(fileWith(pdf({ ...page, 5: stream('', randomBytes(1_000_000)) })), 'pdf')).toMatchObject({ verdict: 'held', reason: 'took-too-much-memory' });
  });

  test('out of processor time: a small file is refused, a large one goes to a person', async () => {
    expect(await checkFile(slowFile(), 'docx', { cpuSeconds: 1 })).toMatchObject({ verdict: 'refused', reason: 'too-heavy' });
    expect(await checkFile(slowFile(1_000_000), 'docx', { cpuSeconds: 1 })).toMatchObject({ verdict: 'held', reason: 'took-too-long' });
  });

  test('and the file that is let through with time enough is the same', async () => {
    expect(await checkFile(slowFile(), 'docx')).toMatchObject({ verdict: 'clean' });
    expect(await checkFile(whole, 'pdf')).toMatchObject({ verdict: 'clean' });
  });
});

/** Runs a few lines confined, and returns what they printed. */
async function confined(lines: string, readable: readonly string[] = []): Promise<{ output: string; exitCode: number | null }> {
  const script = `${fileWith(lines)}.mjs`;
  fs.renameSync(script.slice(0, -4), script);
  const child = startConfined({ script, order: 'order', readable: [script, ...readable], heapMb: 64, cpuSeconds: 10 });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes));
  const { exitCode } = await endOf(child);
  return { output, exitCode };
}

describe('a confined process', () => {
  test('reads nothing but what it was given, writes nothing, starts nothing, and sees no environment', async () => {
    const secret = fileWith('secret');
    const allowed = fileWith('allowed');
    const { output } = await confined(
      `import fs from 'node:fs'; import { spawnSync } from 'node:child_process'; import { Worker } from 'node:worker_threads';
       const attempt = (work) => { try { return String(work()); } catch (error) { return error.code ?? error.name; } };
       console.log(JSON.stringify([
         attempt(() => fs.readFileSync(${JSON.stringify(allowed)}, 'utf8')), attempt(() => fs.readFileSync(${JSON.stringify(secret)})), attempt(() => fs.readFileSync('/proc/self/environ')),
         attempt(() => fs.writeFileSync(${JSON.stringify(`${secret}-new`)}, 'a')), attempt(() => spawnSync('/bin/true')), attempt(() => new Worker('1', { eval: true })),
         attempt(() => eval('1')), Object.keys(process.env).filter((name) => name !== 'PWD'), process.argv[2]]));`,
      [allowed],
    );
    const denied = 'ERR_ACCESS_DENIED';
    expect(JSON.parse(output)).toEqual(['allowed', denied, denied, denied, denied, denied, 'EvalError', [], 'order']);
  });

  test('has no network where the system lets us take it away', async () => {
    const server = net.createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    atEnd(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const reach = `import net from 'node:net'; net.connect(${port}, '127.0.0.1').on('data', (bytes) => console.log(String(bytes))).on('error', (error) => console.log(error.code)).on('close', () => process.exit());`;
    const { output } = await confined(reach);
    if (output.trim() === 'hello') console.log('not shown: this system does not let an ordinary process take the network away (unshare)');
    else expect(output.trim()).toBe('ENETUNREACH');
  });
});
