import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Signs in the municipality's name (Ed25519, RFC 8032). */
export interface Signer {
  /** The first 16 hexadecimal digits of the SHA-256 of the public key. */
  readonly keyId: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** 64 bytes. */
  sign(text: string): Buffer;
}

/** What precedes the 32 bytes in a private key (PKCS #8) and in a public one (SPKI), as RFC 8410 has it. */
const privateStart = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicStart = Buffer.from('302a300506032b6570032100', 'hex');

/** The signer of a key as it stands in a setting: PEM, or 32 random bytes as base64. Throws RangeError on anything else. */
export function signerFrom(setting: string): Signer {
  const privateKey = readPrivateKey(setting.trim());
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(publicStart.length);
  return { keyId: keyIdOf(publicKey), publicKey, sign: (text) => sign(null, Buffer.from(text), privateKey) };
}

export function keyIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

/** Whether the text was signed with the key that this public one belongs to. */
export function isSignedBy(publicKey: Uint8Array, text: string, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return verify(null, Buffer.from(text), createPublicKey({ key: Buffer.concat([publicStart, publicKey]), format: 'der', type: 'spki' }), signature);
}

function readPrivateKey(setting: string): KeyObject {
  const seed = Buffer.from(setting, 'base64');
  if (seed.length === 32) return createPrivateKey({ key: Buffer.concat([privateStart, seed]), format: 'der', type: 'pkcs8' });
  try {
    const key = createPrivateKey(setting);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new RangeError('not a key', { cause });
  }
  throw new RangeError('not an Ed25519 key');
}
