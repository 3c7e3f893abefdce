import fs from 'node:fs';
import path from 'node:path';
import { factsOf, shapeOf } from '../documents/receipts/describe.ts';
import { receiptMessages } from '../documents/receipts/messages.ts';
import { type ReceiptFault, type ReceiptKey, sha256, verifyReceipt } from '../documents/receipts/verify.ts';
import { SettingError } from '../platform/config.ts';

const words = receiptMessages.en;

/** What the site's words say of a page, said of a command. */
const here: Partial<Record<ReceiptFault, string>> = {
  newer: 'This version of the program does not know it. Use a newer one.',
  'unknown-key':
    'It was signed with a key that is not among those that were used. Fetch /.well-known/receipt-keys.json from the municipality’s site anew and name it with --keys. If the key is not there either, the receipt is from elsewhere, or it is forged.',
};

/**
 * receipt verify <json|pdf> [files…]: whether a receipt is genuine and unchanged, and whether the files are on it.
 * Exit code 0: all of that; 1: not; a SettingError where it cannot be checked.
 */
export async function receiptVerifyCommand([receiptPath, ...filePaths]: readonly string[], keys: readonly ReceiptKey[]): Promise<number> {
  if (!receiptPath) throw new SettingError('name a receipt, and the files to compare with it');
  if (keys.length === 0) throw new SettingError('there are no public keys here yet; name those of the municipality with --keys receipt-keys.json');
  const bytes = fileAt(receiptPath);
  const verdict = await verifyReceipt(bytes, keys);
  if (verdict.fault) {
    const { title, text } = words.faults[verdict.fault]('the municipality whose keys were used');
    console.log(`${receiptPath}: ${title}. ${here[verdict.fault] ?? text}`);
    return 1;
  }
  const { statement } = verdict.receipt;
  const { isCut } = shapeOf(bytes);
  console.log(isCut ? `${words.cut}. ${words.cutText}` : `${words.valid}.`);
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
  return strangers === 0 && !isCut ? 0 : 1;
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
