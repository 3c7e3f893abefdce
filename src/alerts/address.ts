import { createHmac, hkdfSync } from 'node:crypto';
import { domainToASCII, domainToUnicode } from 'node:url';

export const addressFaults = [
  'address-missing',
  'address-no-at',
  'address-two-ats',
  'address-space',
  'address-dots',
  'address-letters',
  'address-domain',
  'address-too-long',
  'address-did-you-mean',
] as const;
export type AddressFault = (typeof addressFaults)[number];

export interface Address {
  /** As it is written to: the domain in ASCII (punycode), in small letters. */
  readonly address: string;
  /** Another address that was probably meant. */
  readonly meant: string | null;
}

const atom = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const topLevel = /^([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;

/**
 * Reads an address as people type and paste it. Domains with letters such as æ are taken and written to by their ASCII
 * name (RFC 5891); in front of the @ only ASCII letters are, since many mail servers cannot take others (RFC 6531).
 */
export function readAddress(typed: string): Address | AddressFault {
  const bare = (/<([^<>]*)>\s*$/.exec(typed)?.[1] ?? typed)
    .trim()
    .replace(/^mailto:/i, '')
    .normalize('NFC');
  if (bare === '') return 'address-missing';
  if (bare.length > 254) return 'address-too-long';
  if (/[\s\p{C}]/u.test(bare)) return 'address-space';
  const parts = bare.split('@');
  if (parts.length < 2) return 'address-no-at';
  if (parts.length > 2) return 'address-two-ats';
  const [local = '', typedDomain = ''] = parts;
  if (/\.\.|^\.|\.$/.test(local) || /\.\.|^\.|\.$/.test(typedDomain)) return 'address-dots';
  if (local === '' || typedDomain === '') return 'address-no-at';
  if (!atom.test(local)) return 'address-letters';
  const domain = domainToASCII(typedDomain).toLowerCase();
  const labels = domain.split('.');
  if (labels.length < 2 || !labels.every((each) => label.test(each)) || !topLevel.test(labels.at(-1) ?? '')) return 'address-domain';
  const address = `${local}@${domain}`;
  if (local.length > 64 || address.length > 254) return 'address-too-long';
  const meantDomain = nearlySpelt(domain);
  return { address, meant: meantDomain && `${local}@${meantDomain}` };
}

/** An address as its owner reads it: the domain in its own letters. */
export function shownAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at + 1) + (domainToUnicode(address.slice(at + 1)) || address.slice(at + 1));
}

/** Domains that many have their mail at, and others that exist and are only one letter from those. */
const common = 'gmail.com googlemail.com hotmail.com hotmail.dk outlook.com outlook.dk live.com live.dk yahoo.com yahoo.dk icloud.com protonmail.com stofanet.dk webspeed.dk'.split(
  ' ',
);
const alsoReal = new Set([
  ...common,
  'ymail.com',
  'mail.com',
  'email.com',
  'hotmail.de',
  'hotmail.se',
  'live.de',
  'live.se',
  'live.no',
  'yahoo.de',
  'yahoo.no',
  'outlook.de',
  'outlook.se',
]);

function nearlySpelt(domain: string): string | null {
  if (alsoReal.has(domain)) return null;
  return common.find((each) => isOneSlipFrom(domain, each)) ?? null;
}

/** Whether one letter was left out, added, changed, or swapped with the next. */
function isOneSlipFrom(typed: string, meant: string): boolean {
  if (Math.abs(typed.length - meant.length) > 1) return false;
  let at = 0;
  while (at < typed.length && typed[at] === meant[at]) at += 1;
  const [rest, wanted] = [typed.slice(at), meant.slice(at)];
  return (
    rest.slice(1) === wanted.slice(1) ||
    rest.slice(1) === wanted ||
    rest === wanted.slice(1) ||
    (rest[0] === wanted[1] && rest[1] === wanted[0] && rest.slice(2) === wanted.slice(2))
  );
}

/** By what a subscription is found without its address standing anywhere: hashes under a key of our own. */
export interface AddressKeys {
  readonly address: string;
  /** The same for all addresses that end in one mailbox, as far as that can be told from outside: what stands after a + is left out, at Gmail dots too. */
  readonly mailbox: string;
}

export function keysOf(secretKey: string, address: string): AddressKeys {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'alerts:address', 32));
  const hash = (text: string): string => createHmac('sha256', key).update(text).digest('hex');
  const [local = '', domain = ''] = address.toLowerCase().split('@');
  const google = domain === 'gmail.com' || domain === 'googlemail.com';
  const plain = local.replace(/(?<=.)\+.*$/, '');
  return { address: hash(`${local}@${domain}`), mailbox: hash(google ? `${plain.replaceAll('.', '')}@gmail.com` : `${plain}@${domain}`) };
}

/** The place that somebody asks from, to count by: of an IPv6 address the network, since one household has 2^64 addresses. */
export function placeOf(clientAddress: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(clientAddress)?.[1];
  if (mapped) return mapped;
  if (!clientAddress.includes(':')) return clientAddress;
  const [head = '', tail] = clientAddress.split('%')[0]?.toLowerCase().split('::') ?? [];
  const groups = head.split(':').filter(Boolean);
  const after = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const whole = tail === undefined ? groups : [...groups, ...Array<string>(Math.max(0, 8 - groups.length - after.length)).fill('0'), ...after];
  return `${whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** An address as it may stand on a page that opens by a link alone: links are passed on, addresses need not be. */
export function maskedAddress(address: string): string {
  return shownAddress(address).replace(/^(.).*(?=@)/, '$1…');
}
