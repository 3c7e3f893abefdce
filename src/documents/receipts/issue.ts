import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { noteKey } from '../../platform/audit/checkpoint.ts';
import { audit } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import type { Signer } from '../../platform/signing.ts';
import { canonical, type Receipt, type Statement } from './verify.ts';

/** Something that was filed, and all that its receipt says of it. */
export interface Filed {
  readonly submissionId: string;
  readonly supplierId: string;
  readonly statement: Omit<Statement, 'answers' | 'salt'>;
  readonly answers: Readonly<Record<string, unknown>>;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const salt = (): string => randomBytes(16).toString('hex');

/**
 * Appends the audit entry of a filing, and signs and keeps its receipt, in the caller's transaction. The entry holds the
 * hash of the statement: the log itself says what was filed, by whom and when, without telling it to who reads the log.
 * Appending holds the log until the commit, so this comes as late as it can.
 */
export async function issueReceipt(tx: Tx, signer: Signer, filed: Filed, event: 'submission.filed' | 'receipt.issued', detail: Readonly<Record<string, unknown>>): Promise<void> {
  await noteKey(tx, signer);
  const answersSalt = salt();
  const answers = answersFile(filed.statement.number, filed.answers, answersSalt);
  const statement: Statement = { ...filed.statement, answers: { sizeBytes: Buffer.byteLength(answers), sha256: sha256(answers) }, salt: salt() };
  await audit(tx, event, filed.submissionId, { ...detail, statement: sha256(canonical(statement)) }, filed.supplierId);
  const receipt: Receipt = { kind: 'receipt-of-filing', version: 1, keyId: signer.keyId, statement, log: await latestInLog(tx) };
  const body = canonical(receipt);
  await tx
    .insertInto('receipt')
    .values({ submission_id: filed.submissionId, supplier_id: filed.supplierId, body, key_id: signer.keyId, signature: signer.sign(body), answers_salt: answersSalt })
    .execute();
}

/** What was answered, as the file whose hash the receipt names: the same bytes each time it is made. */
export function answersFile(receipt: string, answers: Readonly<Record<string, unknown>>, answersSalt: string): string {
  return canonical({ answers, receipt, salt: answersSalt });
}

/** The place in the log of the entry that this transaction has just appended. */
async function latestInLog(tx: Tx): Promise<Receipt['log']> {
  const { rows } = await sql<{ seq: number; entry: string; previous_hash: Buffer; root: Buffer | null; path: (Buffer | null)[] }>`select * from audit_latest()`.execute(tx);
  const [latest] = rows;
  const path = latest?.path.flatMap((hash) => hash?.toString('hex') ?? []);
  if (!latest?.root || path?.length !== latest.path.length) throw new Error('the tree over the audit log has a hole; run: audit verify');
  return { entry: latest.entry, previousHash: latest.previous_hash.toString('hex'), treeSize: latest.seq, root: latest.root.toString('hex'), path };
}
