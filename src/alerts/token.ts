import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { days } from '../platform/clock.ts';

/**
 * Links that stand in for a log-in: whoever holds the mail holds the key. A token is the subscription's id and the time
 * it was made, under an HMAC with a key for its purpose alone: one that unsubscribes does not open the settings.
 */
const lifetimes = { confirm: days(7), settings: days(365), unsubscribe: Number.POSITIVE_INFINITY } as const;
export type TokenPurpose = keyof typeof lifetimes;

const idBytes = 16;
const bodyBytes = idBytes + 4;
const macBytes = 16;

export function makeToken(secretKey: string, purpose: TokenPurpose, subscriptionId: string, now: Date): string {
  const body = Buffer.alloc(bodyBytes);
  body.write(subscriptionId.replaceAll('-', ''), 'hex');
  body.writeUInt32BE(Math.floor(now.getTime() / 1000), idBytes);
  return Buffer.concat([body, macOf(secretKey, purpose, body)]).toString('base64url');
}

/** The subscription that a token is for, or what is wrong with it. */
export function readToken(secretKey: string, purpose: TokenPurpose, token: string, now: Date): { readonly subscription: string } | 'forged' | 'expired' {
  const bytes = Buffer.from(token, 'base64url');
  // Spelt in the one way that we spell it.
  if (bytes.length !== bodyBytes + macBytes || bytes.toString('base64url') !== token) return 'forged';
  const body = bytes.subarray(0, bodyBytes);
  if (!timingSafeEqual(bytes.subarray(bodyBytes), macOf(secretKey, purpose, body))) return 'forged';
  if (now.getTime() - body.readUInt32BE(idBytes) * 1000 > lifetimes[purpose]) return 'expired';
  const hex = body.subarray(0, idBytes).toString('hex');
  return { subscription: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
}

/** Keys are made once: making one costs ten times as much as signing with it, and a publication makes a hundred thousand links. */
const keys = new Map<string, KeyObject>();

function macOf(secretKey: string, purpose: TokenPurpose, body: Buffer): Buffer {
  const name = `${purpose}:${secretKey}`;
  const key = keys.get(name) ?? createSecretKey(Buffer.from(hkdfSync('sha256', secretKey, '', `alerts:${purpose}`, 32)));
  keys.set(name, key);
  return createHmac('sha256', key).update(body).digest().subarray(0, macBytes);
}

/** An address as it may stand in a log: tokens open doors, so they are left out, also when something follows them or a sign of theirs is percent-encoded. */
export function withoutToken(path: string): string {
  return path.replace(/[\w%-]{48,}/g, '…');
}
