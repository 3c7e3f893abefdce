import fs from 'node:fs';
import path from 'node:path';
import { factsOf } from '../documents/receipts/describe.ts';
import { receiptMessages } from '../documents/receipts/messages.ts';
import { type ReceiptKey, sha256, verifyReceipt } from '../documents/receipts/verify.ts';
import { SettingError } from '../platform/config.ts';

const words = receiptMessages.en;

/**
 * receipt verify <json|pdf> [files…]: whether a receipt is genuine and unchanged, and whether the files are on it.
 * Exit code 0: all of that; 1: not; a SettingError where it cannot be checked.
 */
export async function receiptVerifyCommand([receiptPath, ...filePaths]: readonly string[], keys: readonly ReceiptKey[]): Promise<number> {
  if (!receiptPath) throw new SettingError('name a receipt, and the files to compare with it');
  if (keys.length === 0) throw new SettingError('there are no public keys here yet; name those of the municipality with --keys receipt-keys.json');
  const verdict = await verifyReceipt(fileAt(receiptPath), keys);
  if (verdict.fault) {
    const { title, text } = words.faults[verdict.fault]('the municipality whose keys were used');
    console.log(`${receiptPath}: ${title}. ${text}`);
    return 1;
  }
  const { statement } = verdict.receipt;
  console.log(`${words.valid}.`);
  for (const [name, value] of factsOf(verdict.receipt, 'en')) console.log(`${name}: ${value}`);
  const listed = [...statement.files, { name: words.answers, ...statement.answers }];
  for (const file of listed) console.log(`${words.file}: ${file.sha256}  ${file.name}`);
  let strangers = 0;
  for (const filePath of filePaths) {
    const hash = await sha256(fileAt(filePath));
    const found = listed.find((file) => file.sha256 === hash);
    if (!found) strangers += 1;
    console.log(found ? `${filePath}: is on the receipt, unchanged (${found.name})` : `${filePath}: is not on the receipt (${hash})`);
  }
  return strangers === 0 ? 0 : 1;
}

/** The public keys of a file such as the site's /.well-known/receipt-keys.json. */
export function keysIn(file: string): ReceiptKey[] {
  const bytes = fileAt(file);
  try {
    const { keys } = JSON.parse(bytes.toString('utf8')) as { keys: ReceiptKey[] };
    return keys.map(({ id, publicKey }) => {
      if (!/^[0-9a-f]{64}$/.test(publicKey)) throw new TypeError('not a key');
      return { id: String(id), publicKey };
    });
  } catch (cause) {
    throw new SettingError(`${file}: holds no keys; fetch /.well-known/receipt-keys.json from the municipality's site`, { cause });
  }
}

export function fileAt(name: string): Buffer {
  try {
    return fs.readFileSync(path.resolve(name));
  } catch (cause) {
    throw new SettingError(`${name}: cannot be read`, { cause });
  }
}
