import { receiptKeys } from '../documents/receipts/keys.ts';
import { type ReceiptKey, receiptsIn, verifyReceipt } from '../documents/receipts/verify.ts';
import { isOurs, readCheckpoints } from '../platform/audit/checkpoint.ts';
import { type HeldRoot, type LogFault, verifyLog } from '../platform/audit/verify.ts';
import { SettingError } from '../platform/config.ts';
import type { Db, Tx } from '../platform/db.ts';
import { isSignedBy } from '../platform/signing.ts';
import { fileAt } from './receipt.ts';

/** Roots that were signed, and the names of those that none of our keys signed. */
interface Roots {
  readonly held: readonly HeldRoot[];
  readonly unsigned: readonly string[];
}

/**
 * audit verify [--checkpoint FILE]: every entry, the chain, the tree, and every root that was ever signed, those of the
 * file among them. Exit code 0: all as it was written; 1: with findings.
 */
export async function auditVerifyCommand(db: Db, file: string | undefined): Promise<number> {
  const keys = await receiptKeys(db);
  const own = file ? await rootsOfFile(file, keys) : { held: [], unsigned: [] };
  const report = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const roots = [own, await rootsOfCheckpoints(tx, keys), await rootsOfReceipts(tx, keys)];
      const held = roots.flatMap((each) => each.held);
      return { ...(await verifyLog(tx, held)), roots: held.length, unsigned: roots.flatMap((each) => each.unsigned) };
    });
  const findings = [...report.faults.map(sentenceOf), ...report.unsigned.map((name) => `${name} is not signed with a key of this site, or was changed.`)];
  for (const finding of findings) console.log(finding);
  if (findings.length === 0) console.log(`The chain holds: ${report.entries} entries. The tree over them holds, and all ${report.roots} signed roots fit.`);
  return findings.length === 0 ? 0 : 1;
}

function sentenceOf(fault: LogFault): string {
  switch (fault.what) {
    case 'entry':
      return `Entry ${fault.seq} is not as it was written, or one is missing or out of place there.`;
    case 'head':
      return 'The log does not end where it ended: entries were cut off, or added past its own function.';
    case 'tree':
      return 'The kept hashes of the tree are not those of the entries.';
    case 'root':
      return fault.missing
        ? `${fault.name} was made of ${fault.size} entries, and there are not so many any more.`
        : `${fault.name} does not fit: something in the first ${fault.size} entries was changed since.`;
  }
}

const bytesOf = (keys: readonly ReceiptKey[]): Buffer[] => keys.map(({ publicKey }) => Buffer.from(publicKey, 'hex'));

/** The checkpoints in a file that somebody kept; or the receipt, which is one too. */
async function rootsOfFile(file: string, keys: readonly ReceiptKey[]): Promise<Roots> {
  const bytes = fileAt(file);
  if (receiptsIn(bytes).length > 0) {
    const verdict = await verifyReceipt(bytes, keys);
    if (verdict.fault) return { held: [], unsigned: [`The receipt in ${file}`] };
    const { treeSize, root } = verdict.receipt.log;
    return { held: [{ name: `The receipt in ${file}`, size: treeSize, root: Buffer.from(root, 'hex') }], unsigned: [] };
  }
  const held = readCheckpoints(bytes.toString('utf8')).map((checkpoint) => ({ ...checkpoint, name: `The checkpoint of ${checkpoint.size} entries in ${file}` }));
  if (held.length === 0) throw new SettingError(`${file}: holds no checkpoint and no receipt`);
  return { held, unsigned: held.filter((checkpoint) => !isOurs(checkpoint, bytesOf(keys))).map(({ name }) => name) };
}

async function rootsOfCheckpoints(tx: Tx, keys: readonly ReceiptKey[]): Promise<Roots> {
  const rows = await tx.selectFrom('audit_checkpoint').select(['size', 'root', 'note']).orderBy('size').execute();
  const held = rows.map((row) => ({ ...row, name: `The checkpoint of ${row.size} entries` }));
  const isSound = ({ size, root, note }: (typeof held)[number]): boolean =>
    readCheckpoints(note).some((checkpoint) => checkpoint.size === size && checkpoint.root.equals(root) && isOurs(checkpoint, bytesOf(keys)));
  return { held, unsigned: held.filter((row) => !isSound(row)).map(({ name }) => name) };
}

async function rootsOfReceipts(tx: Tx, keys: readonly ReceiptKey[]): Promise<Roots> {
  const rows = await tx.selectFrom('receipt').select(['body', 'signature']).execute();
  const held = rows.map(({ body, signature }) => {
    const { statement, log } = JSON.parse(body) as { statement: { number: string }; log: { treeSize: number; root: string } };
    return { body, signature, name: `The receipt ${statement.number}`, size: log.treeSize, root: Buffer.from(log.root, 'hex') };
  });
  const isSound = ({ body, signature }: (typeof held)[number]): boolean => bytesOf(keys).some((key) => isSignedBy(key, body, signature));
  return { held, unsigned: held.filter((row) => !isSound(row)).map(({ name }) => name) };
}
