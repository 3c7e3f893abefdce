import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Tx } from '../db.ts';
import { isSignedBy, type Signer } from '../signing.ts';

/** A signed note of how large the audit log is and which root its tree has (C2SP signed-note and tlog-checkpoint). */
export interface Checkpoint {
  /** Which log: an address without its scheme. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** What is signed, to its last line end. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly keyHint: Buffer; readonly signature: Buffer }[];
}

export function originOf(siteUrl: URL): string {
  return `${siteUrl.host}/revision`;
}

/** Ed25519 is type 1 among the note's kinds of signature. */
const typed = (publicKey: Uint8Array): Buffer => Buffer.concat([Buffer.from([1]), publicKey]);
const hintOf = (name: string, publicKey: Uint8Array): Buffer => createHash('sha256').update(`${name}\n`).update(typed(publicKey)).digest().subarray(0, 4);

/** The key as tools for such notes read it. */
export function verifierKey(name: string, publicKey: Uint8Array): string {
  return `${name}+${hintOf(name, publicKey).toString('hex')}+${typed(publicKey).toString('base64')}`;
}

export function signCheckpoint(signer: Signer, origin: string, size: number, root: Uint8Array): string {
  const text = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
  return `${text}\n— ${origin} ${Buffer.concat([hintOf(origin, signer.publicKey), signer.sign(text)]).toString('base64')}\n`;
}

const notes = /^([^\s+]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n((?:\S.*\n)*)\n((?:— \S+ [A-Za-z0-9+/]+=*(?:\n|$))+)/gm;

/** The checkpoints in a text: one, or many one after the other. */
export function readCheckpoints(text: string): Checkpoint[] {
  return [...text.replaceAll('\r\n', '\n').matchAll(notes)].map(([, origin = '', size = '', root = '', extensions = '', lines = '']) => ({
    origin,
    size: Number(size),
    root: Buffer.from(root, 'base64'),
    text: `${origin}\n${size}\n${root}\n${extensions}`,
    signatures: lines
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [, name = '', bytes = ''] = line.split(' ');
        const decoded = Buffer.from(bytes, 'base64');
        return { name, keyHint: decoded.subarray(0, 4), signature: decoded.subarray(4) };
      }),
  }));
}

/** Whether one of the keys signed it in the name of its log. Signatures of others, such as witnesses, are passed over. */
export function isOurs(checkpoint: Checkpoint, publicKeys: readonly Uint8Array[]): boolean {
  return checkpoint.signatures.some(
    ({ name, keyHint, signature }) => name === checkpoint.origin && publicKeys.some((key) => hintOf(name, key).equals(keyHint) && isSignedBy(key, checkpoint.text, signature)),
  );
}

/** The tree over the whole log as the database has it, or over its first `size` entries; undefined when there are not so many. */
export async function treeOf(db: Db | Tx, size: number | null = null): Promise<{ size: number; root: Buffer } | undefined> {
  const { rows } = await sql<{ size: number; root: Buffer }>`select size, root from audit_tree(${size}::bigint)`.execute(db);
  return rows[0];
}

/** The log no longer has the root that was signed for it: something that was written has been changed. */
export class ChangedLog extends Error {}

/** Keeps a checkpoint if the log has grown since the last one, and returns its size. Throws ChangedLog, and signs nothing, when the log does not go on from that one. */
export async function keepCheckpoint(db: Db, signer: Signer, origin: string, now: Date): Promise<number | null> {
  return db.transaction().execute(async (tx) => {
    await noteKey(tx, signer);
    const latest = await tx.selectFrom('audit_checkpoint').select(['size', 'root']).orderBy('size', 'desc').limit(1).executeTakeFirst();
    const tree = await treeOf(tx);
    if (latest) {
      const then = await treeOf(tx, latest.size);
      if (!then?.root?.equals(latest.root)) throw new ChangedLog(`the audit log does not have the root that was signed for its first ${latest.size} entries; run: audit verify`);
    }
    if (!tree || tree.size === latest?.size) return null;
    const note = signCheckpoint(signer, origin, tree.size, tree.root);
    await tx
      .insertInto('audit_checkpoint')
      .values({ size: tree.size, root: tree.root, note, made_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return tree.size;
  });
}

/** Notes the key that something is about to be signed with, so that it is published for good. */
export async function noteKey(tx: Tx, signer: Signer): Promise<void> {
  await sql`select note_receipt_key(${signer.publicKey}::bytea)`.execute(tx);
}
