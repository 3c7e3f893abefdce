import { createHash, randomBytes } from 'node:crypto';

/** Random bytes of a key: more than anybody can guess. */
const secretBytes = 32;
/** Letters of the municipality, a line, and the bytes as base64url. */
const shape = /^[a-z]{2,6}_[\w-]{43}$/;
/** How many of the random characters are kept to know a key by: 36 bits of 256. */
const shownLetters = 6;

/** A new key, such as abc_… with 43 characters. It begins alike in each municipality, so that those who look for leaked keys know whom to tell. */
export function newSecret(prefix: string): string {
  return `${prefix.toLowerCase()}_${randomBytes(secretBytes).toString('base64url')}`;
}

export function hashOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Its first characters, which may be shown again. */
export function beginningOf(secret: string): string {
  return secret.slice(0, secret.indexOf('_') + 1 + shownLetters);
}

/** The key in an Authorization header; null when there is none that could be ours. */
export function secretIn(header: string | null): string | null {
  const secret = /^Bearer +(\S+)$/i.exec(header?.trim() ?? '')?.[1] ?? '';
  return shape.test(secret) ? secret : null;
}
