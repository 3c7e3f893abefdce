import { type Checkpoint, isOurs, readCheckpoints } from '../platform/audit/checkpoint.ts';
import { isConsistent } from '../platform/audit/merkle.ts';
import { SettingError } from '../platform/config.ts';
import { fileAt, keysIn } from './receipt.ts';

/**
 * audit compare <checkpoint file> <site> --keys FILE: whether the log behind a site still begins with the one that a
 * checkpoint was made of. For anybody: needs no database and trusts the site in nothing, since the keys are one's own.
 * Exit code 0: it does; 1: it does not.
 */
export async function auditCompareCommand(file: string, site: string, keysFile: string): Promise<number> {
  const kept = readCheckpoints(fileAt(file).toString('utf8'));
  if (kept.length === 0) throw new SettingError(`${file}: holds no checkpoint`);
  const keys = keysIn(keysFile).map(({ publicKey }) => Buffer.from(publicKey, 'hex'));
  const [newest] = readCheckpoints(await (await fetched(site, '/revision/kontrolpunkt')).text());
  if (!newest) throw new SettingError(`${site} shows no checkpoint`);
  let wrong = 0;
  for (const checkpoint of kept) {
    const finding = await compare(checkpoint, newest, keys, site);
    if (finding) wrong += 1;
    console.log(finding ?? `The first ${checkpoint.size} of ${newest.size} entries are as they were.`);
  }
  return wrong === 0 ? 0 : 1;
}

async function compare(kept: Checkpoint, newest: Checkpoint, keys: readonly Buffer[], site: string): Promise<string | null> {
  if (!isOurs(kept, keys)) return `The checkpoint of ${kept.size} entries is not signed with one of the keys.`;
  if (!isOurs(newest, keys)) return `The checkpoint of ${newest.size} entries at ${site} is not signed with one of the keys.`;
  if (kept.origin !== newest.origin) return `The checkpoint is of the log ${kept.origin}, and ${site} shows ${newest.origin}.`;
  if (kept.size > newest.size) return `There were ${kept.size} entries, and now there are ${newest.size}: some were cut off.`;
  const { path } = (await (await fetched(site, `/revision/bevis.json?fra=${kept.size}&til=${newest.size}`)).json()) as { path: string[] };
  const proof = path.map((hash) => Buffer.from(hash, 'hex'));
  return isConsistent(kept, newest, proof) ? null : `The log was changed: its first ${kept.size} entries are not what they were.`;
}

async function fetched(site: string, address: string): Promise<Response> {
  const response = await fetch(new URL(address, site)).catch((cause: unknown) => {
    throw new SettingError(`${site} cannot be reached`, { cause });
  });
  if (!response.ok) throw new SettingError(`${response.url} answers ${response.status}`);
  return response;
}
