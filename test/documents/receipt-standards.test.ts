import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../src/documents/receipts/verify.ts';
import { danishInstant } from '../../src/platform/clock.ts';
import { isSignedBy, keyIdOf, signerFrom } from '../../src/platform/signing.ts';

describe('what a receipt is made of', () => {
  test('the canonical form is that of RFC 8785: its example, its sorting, and nothing that has none', () => {
    const input = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
    expect(canonical(JSON.parse(input))).toBe(String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`);
    const names = { '\u20ac': 'Euro', '\r': 'CR', '\ufb33': 'Dalet', 1: 'One', '\ud83d\ude00': 'Smile', '\u0080': 'Control', '\u00f6': 'ö' };
    const written = canonical(names);
    const order = ['CR', 'One', 'Control', 'ö', 'Euro', 'Smile', 'Dalet'];
    expect([...order].sort((a, b) => written.indexOf(`"${a}"`) - written.indexOf(`"${b}"`))).toEqual(order);
    expect(canonical([-0, [], {}, ' '])).toBe('[0,[],{}," "]');
    for (const none of [undefined, Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 1n, () => 1, { a: undefined }]) expect(() => canonical(none)).toThrow(TypeError);
  });

  test('signatures are those of RFC 8032', () => {
    const vectors = [
      [
        '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
        'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
        '',
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      ],
      [
        '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
        '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
        'r',
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      ],
    ] as const;
    for (const [secret, known, message, signature] of vectors) {
      const signer = signerFrom(Buffer.from(secret, 'hex').toString('base64'));
      expect([signer.publicKey.toString('hex'), signer.sign(message).toString('hex')]).toEqual([known, signature]);
      expect(isSignedBy(signer.publicKey, message, Buffer.from(signature, 'hex'))).toBe(true);
      expect(isSignedBy(signer.publicKey, `${message}.`, Buffer.from(signature, 'hex'))).toBe(false);
    }
  });

  test('a key is read as PEM too; its name is the beginning of its hash; any other key is refused', () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const signer = signerFrom(pem);
    expect(signer.keyId).toBe(keyIdOf(signer.publicKey));
    expect(signer.keyId).toBe(createHash('sha256').update(signer.publicKey).digest('hex').slice(0, 16));
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const wrong of ['', 'nøgle', Buffer.alloc(31).toString('base64'), other]) expect(() => signerFrom(wrong)).toThrow(RangeError);
  });

  test('the time is told with its offset, so that the hour that comes twice in October is two hours', () => {
    expect(danishInstant(new Date('2026-07-01T10:00:00Z'))).toBe('2026-07-01T12:00:00+02:00');
    expect(danishInstant(new Date('2027-10-31T00:30:00.750Z'))).toBe('2027-10-31T02:30:00+02:00');
    expect(danishInstant(new Date('2027-10-31T01:30:00Z'))).toBe('2027-10-31T02:30:00+01:00');
    for (const hour of ['00:59:59', '01:00:00']) {
      const at = new Date(`2027-03-28T${hour}Z`);
      expect(new Date(danishInstant(at)).getTime()).toBe(at.getTime());
    }
  });
});
