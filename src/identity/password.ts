import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** Argon2id at the minimum that OWASP recommends: 19 MiB, two passes (measured: about 25 ms in a thread). */
const memoryKib = 19_456;
const passes = 2;
const tagLength = 32;

/** Guesses computed at the same time; each takes a thread and 19 MiB. */
const atOnce = 2;
const mayWait = 20;
let running = 0;
const waiting: (() => void)[] = [];

/** Thrown when too many log-ins are being checked at this moment; try again in a second. */
export class Busy extends Error {}

async function derive(message: string, nonce: Buffer, memory: number, rounds: number): Promise<Buffer> {
  if (running >= atOnce) {
    if (waiting.length >= mayWait) throw new Busy('too many passwords are being checked');
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  running += 1;
  try {
    const parameters: Argon2Parameters = { message, nonce, parallelism: 1, tagLength, memory, passes: rounds };
    return await new Promise((resolve, reject) => argon2('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(key))));
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** The password's hash in PHC string format. The password is used exactly as typed. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, memoryKib, passes);
  const text = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${text(salt)}$${text(hash)}`;
}

export async function passwordMatches(password: string, stored: string): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored);
  if (!parts) throw new Error('a stored password hash is not in the format that we write');
  const [, memory, rounds, salt = '', hash = ''] = parts;
  const given = await derive(password, Buffer.from(salt, 'base64'), Number(memory), Number(rounds));
  const expected = Buffer.from(hash, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A hash that no password has: checking against it takes the time of a real one, so an unknown address cannot be told by the clock. */
export const nobodysHash = `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
