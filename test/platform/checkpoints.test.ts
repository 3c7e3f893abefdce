import { describe, expect, test } from 'vitest';
import { isOurs, keepCheckpoint, originOf, readCheckpoints, signCheckpoint, verifierKey } from '../../src/platform/audit/checkpoint.ts';
import { audit } from '../../src/platform/audit.ts';
import { asAccount, connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { isSignedBy, signerFrom } from '../../src/platform/signing.ts';
import { freshDatabase } from '../support/database.ts';
import { testNow } from '../support/known.ts';

const signer = signerFrom(Buffer.alloc(32, 3).toString('base64'));
const origin = 'indkoeb.example.dk/revision';
const root = Buffer.alloc(32, 1);

describe('a checkpoint', () => {
  test('is a signed note as Go’s note package writes it: its own example is read, verified, and has the key’s name that we compute', () => {
    const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const signature = Buffer.from('x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=', 'base64');
    const [, , typed = ''] = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'.split('+');
    const publicKey = Buffer.from(`${typed}${'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'.split('+').slice(3).join('+')}`, 'base64').subarray(1);
    expect(verifierKey('PeterNeumann', publicKey)).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    expect(signature.subarray(0, 4).toString('hex')).toBe('c74f20a3');
    expect(isSignedBy(publicKey, text, signature.subarray(4))).toBe(true);
  });

  test('the example of C2SP tlog-checkpoint is read to its parts', () => {
    const note =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';
    expect(readCheckpoints(note)).toMatchObject([{ origin: 'example.com/behind-the-sofa', size: 20_852_163, signatures: [{ name: 'example.com/behind-the-sofa' }] }]);
    expect(readCheckpoints(note)[0]?.root.toString('base64')).toBe('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=');
    expect(readCheckpoints(note)[0]?.signatures[0]?.signature).toHaveLength(64);
  });

  test('is read back as it was signed, also with a witness’s line, from Windows, and among others', () => {
    const note = signCheckpoint(signer, origin, 7, root);
    const other = signCheckpoint(signer, origin, 70, Buffer.alloc(32, 2));
    const witnessed = `${note}— vidne.example AAAAAAEC\n`;
    for (const text of [note, witnessed, note.replaceAll('\n', '\r\n'), note.trimEnd()]) {
      const found = readCheckpoints(text);
      expect(found).toMatchObject([{ origin, size: 7, root }]);
      expect(found.map((checkpoint) => isOurs(checkpoint, [signer.publicKey]))).toEqual([true]);
    }
    expect(readCheckpoints(`${note}\n${other}`).map(({ size }) => size)).toEqual([7, 70]);
    for (const broken of ['', 'hej', note.replace('\n7\n', '\n07\n'), note.replace('—', '-'), note.split('\n\n')[0] ?? ''])
      expect([broken, readCheckpoints(broken)]).toEqual([broken, []]);
  });

  test('with anything in it changed is not ours', () => {
    const note = signCheckpoint(signer, origin, 7, root);
    const changed = [
      note.replace('\n7\n', '\n8\n'),
      note.replace('AQEB', 'AQEC'),
      note.replaceAll('indkoeb', 'indkob'),
      note.replace(/(?<=— \S+ ....)./, (letter) => (letter === 'A' ? 'B' : 'A')),
    ];
    for (const text of changed) {
      const found = readCheckpoints(text);
      expect([text, found.length, found.some((checkpoint) => isOurs(checkpoint, [signer.publicKey]))]).toEqual([text, 1, false]);
    }
  });

  test('is kept when the log has grown, once, by the worker’s role', async () => {
    const database = await freshDatabase('migrated');
    const log = createLog('error', () => {});
    const [web, worker] = [connect(database.webUrl, log), connect(database.workerUrl, log)];
    const keep = () => keepCheckpoint(worker.db, signer, origin, testNow);
    expect(await keep()).toBe(1); // the key itself was noted
    expect(await keep()).toBeNull();
    await asAccount(web.db, null, (tx) => audit(tx, 'thing.happened', 'subject'));
    expect((await Promise.all([keep(), keep()])).filter((size) => size === 2).length).toBeGreaterThan(0);
    const kept = await web.db.selectFrom('audit_checkpoint').select(['size', 'note']).orderBy('size').execute();
    expect(kept.map(({ size }) => size)).toEqual([1, 2]);
    expect(kept.flatMap(({ note }) => readCheckpoints(note)).every((checkpoint) => isOurs(checkpoint, [signer.publicKey]))).toBe(true);
    await web.close();
    await worker.close();
  });

  test('names the log by the site’s address', () => {
    expect(originOf(new URL('https://indkoeb.example.dk/'))).toBe(origin);
  });
});
