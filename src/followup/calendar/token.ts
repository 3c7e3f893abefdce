import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Whose calendar an address opens, and which of the addresses that the account has had. */
export interface CalendarKey {
  readonly account: string;
  readonly version: string;
}

const idBytes = 16;
const bodyBytes = 2 * idBytes;
const macBytes = 32;

/** The secret part of the address: both ids, under an HMAC of 256 bits with a key for this purpose alone. */
export function calendarToken(secretKey: string, { account, version }: CalendarKey): string {
  const body = Buffer.from(`${account}${version}`.replaceAll('-', ''), 'hex');
  return Buffer.concat([body, macOf(secretKey, body)]).toString('base64url');
}

/** What a token opens if its version still holds; null when we did not make it. */
export function readCalendarToken(secretKey: string, token: string): CalendarKey | null {
  const bytes = Buffer.from(token, 'base64url');
  // Spelt in the one way that we spell it.
  if (bytes.length !== bodyBytes + macBytes || bytes.toString('base64url') !== token) return null;
  const body = bytes.subarray(0, bodyBytes);
  if (!timingSafeEqual(bytes.subarray(bodyBytes), macOf(secretKey, body))) return null;
  return { account: idIn(body.subarray(0, idBytes)), version: idIn(body.subarray(idBytes)) };
}

const idIn = (bytes: Buffer): string => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

function macOf(secretKey: string, body: Buffer): Buffer {
  return createHmac('sha256', Buffer.from(hkdfSync('sha256', secretKey, '', 'followup:task-calendar', 32)))
    .update(body)
    .digest();
}
