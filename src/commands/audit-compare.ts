import { type ReceiptKey, receiptsIn, verifyReceipt } from '../documents/receipts/verify.ts';
import { type Checkpoint, isOurs, readCheckpoints } from '../platform/audit/checkpoint.ts';
import { isConsistent } from '../platform/audit/merkle.ts';
import { SettingError } from '../platform/config.ts';
import { fileAt, keysIn } from './receipt.ts';

/** What somebody kept: the root of a log of so many entries, and whether it was signed. */
interface Kept {
  readonly name: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly isSigned: boolean;
  /** Which log; a receipt does not say. */
  readonly origin?: string;
}

/**
 * audit compare <checkpoint or receipt> <site> --keys FILE: whether the log behind a site still begins with the one that
 * was signed for. For anybody: needs no database and trusts the site in nothing, since the keys are one's own.
 * Exit code 0: it does; 1: it does not.
 */
export async function auditCompareCommand(file: string, site: string, keysFile: string): Promise<number> {
  const keys = keysIn(keysFile);
  const publicKeys = keys.map(({ publicKey }) => Buffer.from(publicKey, 'hex'));
  const kept = await keptIn(file, keys, publicKeys);
  const [newest] = readCheckpoints(await (await fetched(site, '/revision/kontrolpunkt')).text());
  if (!newest) throw new SettingError(`${site} shows no checkpoint`);
  if (!isOurs(newest, publicKeys)) {
    console.log(`The checkpoint of ${newest.size} entries at ${site} is not signed with one of the keys.`);
    return 1;
  }
  let wrong = 0;
  for (const each of kept) {
    const finding = await compare(each, newest, site);
    if (finding) wrong += 1;
    console.log(finding ?? `The first ${each.size} of ${newest.size} entries are as they were.`);
  }
  return wrong === 0 ? 0 : 1;
}

async function keptIn(file: string, keys: readonly ReceiptKey[], publicKeys: readonly Buffer[]): Promise<Kept[]> {
  const bytes = fileAt(file);
  if (receiptsIn(bytes).length > 0) {
    const verdict = await verifyReceipt(bytes, keys);
    if (verdict.fault) return [{ name: 'The receipt', size: 0, root: Buffer.alloc(0), isSigned: false }];
    const { treeSize, root } = verdict.receipt.log;
    return [{ name: 'The receipt', size: treeSize, root: Buffer.from(root, 'hex'), isSigned: true }];
  }
  const checkpoints = readCheckpoints(bytes.toString('utf8'));
  if (checkpoints.length === 0) throw new SettingError(`${file}: holds no checkpoint and no receipt`);
  return checkpoints.map((checkpoint) => ({ ...checkpoint, name: `The checkpoint of ${checkpoint.size} entries`, isSigned: isOurs(checkpoint, publicKeys) }));
}

/** What is wrong, in a sentence; null when nothing is. */
async function compare(kept: Kept, newest: Checkpoint, site: string): Promise<string | null> {
  if (!kept.isSigned) return `${kept.name} is not signed with one of the keys, or was changed.`;
  if (kept.origin !== undefined && kept.origin !== newest.origin) return `${kept.name} is of the log ${kept.origin}, and ${site} shows ${newest.origin}.`;
  // The newest checkpoint may be an hour old.
  if (kept.size > newest.size && kept.origin === undefined) return `${kept.name} is newer than the newest checkpoint, of ${newest.size} entries. Try again in an hour.`;
  if (kept.size > newest.size) return `There were ${kept.size} entries, and now there are ${newest.size}: some were cut off.`;
  const { path } = (await (await fetched(site, `/revision/bevis.json?fra=${kept.size}&til=${newest.size}`)).json()) as { path: string[] };
  const proof = path.map((hash) => Buffer.from(hash, 'hex'));
  return isConsistent(kept, newest, proof) ? null : `The log was changed, or never was so: its first ${kept.size} entries are not those of ${kept.name.toLowerCase()}.`;
}

async function fetched(site: string, address: string): Promise<Response> {
  const response = await fetch(new URL(address, site)).catch((cause: unknown) => {
    throw new SettingError(`${site} cannot be reached`, { cause });
  });
  if (!response.ok) throw new SettingError(`${response.url} answers ${response.status}`);
  return response;
}
