/**
 * Checks a receipt with nothing but this file and the municipality's public keys: no server, no library. The site, the
 * command and the tests run this very file. On its own, with Node 24: node verify.ts <receipt> <receipt-keys.json>
 *
 * A receipt is JSON. Everything in it but `signature` is signed with Ed25519 (RFC 8032), in its canonical form (RFC 8785).
 * `log.entry` is the entry of the audit log that tells of the filing; it holds the hash of `statement`, and `log.path`
 * leads from it to `log.root`, the root of a tree of hashes over the whole log (RFC 9162), which others keep as well.
 */
export interface Receipt {
  readonly kind: 'receipt-of-filing';
  readonly version: 1;
  readonly keyId: string;
  readonly statement: Statement;
  readonly log: { readonly entry: string; readonly previousHash: string; readonly treeSize: number; readonly root: string; readonly path: readonly string[] };
}
export interface Statement {
  readonly number: string;
  readonly municipality: { readonly name: Both; readonly cvr: string };
  readonly supplier: { readonly name: string; readonly cvr: string };
  readonly obligation: { readonly type: string; readonly title: Both; readonly requirement: string; readonly period: string | null; readonly lot?: string; readonly dueOn: string };
  readonly agreement: { readonly number: string; readonly title: Both };
  /** 1, and one more for each time the task was returned and filed again. */
  readonly round: number;
  readonly submittedBy: string;
  /** The same instant twice: in UTC, and as clocks in Denmark showed it. */
  readonly submittedAt: string;
  readonly submittedAtDanish: string;
  readonly files: readonly { readonly name: string; readonly sizeBytes: number; readonly sha256: string }[];
  /** What was answered, as a file of its own, so that a receipt can be shown without showing the answers. */
  readonly answers: { readonly sizeBytes: number; readonly sha256: string };
  /** Random: without it nobody can guess a statement from its hash. */
  readonly salt: string;
}
interface Both {
  readonly da: string;
  readonly en: string;
}
/** A public key of the municipality: 32 bytes, as hex. */
export interface ReceiptKey {
  readonly id: string;
  readonly publicKey: string;
}
/** What is wrong with a receipt. changed-statement and changed-proof: its signature does not fit, and which part was touched. */
export type ReceiptFault = 'not-a-receipt' | 'cut-off' | 'several' | 'newer' | 'unknown-key' | 'changed-statement' | 'changed-proof' | 'not-in-log';
export type Verdict = { readonly fault: null; readonly receipt: Receipt } | { readonly fault: ReceiptFault };

/** JSON in its canonical form (RFC 8785). Throws TypeError on what has none. */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && value.isWellFormed()))
    return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError('not JSON');
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonical(name)}:${canonical((value as Record<string, unknown>)[name])}`).join(',')}}`;
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function fromHex(hex: unknown, length: number): Uint8Array<ArrayBuffer> {
  if (typeof hex !== 'string' || !/^([0-9a-f]{2})*$/.test(hex) || hex.length !== length * 2) throw new TypeError('not hex');
  return new Uint8Array((hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
}

async function hash(first: Uint8Array, ...rest: readonly Uint8Array[]): Promise<Uint8Array> {
  const bytes = rest.length === 0 ? first : Uint8Array.from([first, ...rest].flatMap((part) => [...part]));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

/** The SHA-256 of a text or of bytes, as hex. */
export async function sha256(content: string | Uint8Array): Promise<string> {
  return toHex(await hash(typeof content === 'string' ? utf8(content) : content));
}

/** The receipts in a file: the file itself if it is JSON, or what is attached to a PDF. A file that is none has none. */
export function receiptsIn(bytes: Uint8Array): string[] {
  const text = new TextDecoder('latin1').decode(bytes);
  if (!text.startsWith('%PDF')) return /"kind":\s*"receipt-of-filing"/.test(text) ? [new TextDecoder().decode(bytes)] : [];
  const found: string[] = [];
  const opening = /stream\r?\n(?=\{\s*"keyId":)/g;
  while (found.length < 2 && opening.test(text)) {
    const start = opening.lastIndex;
    const end = text.indexOf('endstream', start);
    opening.lastIndex = end < 0 ? text.length : end;
    found.push(new TextDecoder().decode(bytes.subarray(start, opening.lastIndex)));
  }
  return found;
}

/** Whether the receipt in a file is ours and unchanged. Throws only where the browser cannot check Ed25519 signatures. */
export async function verifyReceipt(bytes: Uint8Array, keys: readonly ReceiptKey[]): Promise<Verdict> {
  const [text, second] = receiptsIn(bytes);
  if (text === undefined) return { fault: 'not-a-receipt' };
  if (second !== undefined) return { fault: 'several' };
  let receipt: Receipt;
  let signature: unknown;
  let body: string;
  try {
    ({ signature, ...receipt } = JSON.parse(text) as Receipt & { signature: unknown });
    body = canonical(receipt);
  } catch {
    return { fault: text.trimEnd().endsWith('}') ? 'not-a-receipt' : 'cut-off' };
  }
  if (receipt.version !== 1) return { fault: 'newer' };
  const key = keys.find(({ id }) => id === receipt.keyId);
  if (!key) return { fault: 'unknown-key' };
  const stated = await sha256(canonical(receipt.statement ?? null));
  const publicKey = await crypto.subtle.importKey('raw', fromHex(key.publicKey, 32), 'Ed25519', false, ['verify']);
  const signed = /^[0-9a-f]{128}$/.test(String(signature)) && (await crypto.subtle.verify('Ed25519', publicKey, fromHex(signature, 64), utf8(body)));
  if (!signed) return { fault: (await tellsOf(receipt, stated)) ? 'changed-proof' : 'changed-statement' };
  return (await tellsOf(receipt, stated)) && (await isInLog(receipt)) ? { fault: null, receipt } : { fault: 'not-in-log' };
}

/** Whether the receipt's entry of the log is about this statement. */
async function tellsOf({ log }: Receipt, stated: string): Promise<boolean> {
  try {
    const [, , , event, , , detail] = JSON.parse(log.entry) as [number, string, string, string, string, string, { statement: string }];
    return (event === 'submission.filed' || event === 'receipt.issued') && detail.statement === stated;
  } catch {
    return false;
  }
}

/** Follows the path from the entry to the root (RFC 9162, 2.1.3.2). */
async function isInLog({ log }: Receipt): Promise<boolean> {
  try {
    let place = Number((JSON.parse(log.entry) as [number])[0]) - 1;
    let last = log.treeSize - 1;
    if (!(place >= 0 && place <= last)) return false;
    let at = await hash(new Uint8Array([0]), await hash(fromHex(log.previousHash, 32), utf8(log.entry)));
    for (const step of log.path) {
      if (last === 0) return false;
      const isRight = place % 2 === 1 || place === last;
      at = isRight ? await hash(new Uint8Array([1]), fromHex(step, 32), at) : await hash(new Uint8Array([1]), at, fromHex(step, 32));
      // A last leaf without a neighbour goes up as it is.
      while (isRight && place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
      [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    }
    return last === 0 && toHex(at) === log.root;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const [file = '', keys = ''] = process.argv.slice(2);
  const verdict = await verifyReceipt(readFileSync(file), (JSON.parse(readFileSync(keys, 'utf8')) as { keys: ReceiptKey[] }).keys);
  console.log(verdict.fault ?? verdict.receipt.statement);
  process.exitCode = verdict.fault ? 1 : 0;
}
