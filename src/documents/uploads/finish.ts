import type { Hash } from 'node:crypto';
import fs from 'node:fs/promises';
import type { Actor } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { Refusal } from '../../platform/refusal.ts';
import { hashOf } from './receive.ts';
import { type GivenUp, lifetime, type Upload, type UploadContext, type UploadRefusal } from './upload.ts';

/**
 * Ends an upload whose bytes are all on the disk: length and declared SHA-256 right, into the store, then one commit for
 * the file in its place and the end of the upload. The store gets a second name of the file and the first goes last, so
 * that whatever dies in between, the same bytes can be sent again from what was acknowledged, and become one file.
 */
export async function finish(context: UploadContext, actor: Actor, upload: Upload, place: string, hash: Hash | undefined): Promise<Upload> {
  const { inTurn, files, log, now } = context;
  const sha256 = hash ? hash.digest('hex') : await hashOf(place);
  const { size } = await fs.stat(place);
  if (size !== upload.sizeBytes) throw new Error(`the file system kept ${size} bytes of ${upload.sizeBytes}`);
  if (upload.declaredSha256 !== null && upload.declaredSha256 !== sha256) throw new Refusal<UploadRefusal>('file-wrong-checksum');

  const second = `${place}.whole`;
  await fs.link(place, second).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    await fs.unlink(second);
    await fs.link(place, second);
  });
  await files.keep(second, sha256, size, 'hashed');
  const finishedAt = now();
  const expiresAt = new Date(finishedAt.getTime() + lifetime);
  await inTurn(actor.accountId, async (tx) => {
    await context.deliver(tx, actor, upload, sha256);
    const { numUpdatedRows } = await tx
      .updateTable('upload')
      .set({ received_bytes: upload.sizeBytes, finished_at: finishedAt, sha256, expires_at: expiresAt })
      .where('id', '=', upload.id)
      .where('received_bytes', '=', upload.receivedBytes)
      .where('finished_at', 'is', null)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n) throw new Refusal<UploadRefusal>('wrong-offset');
    await audit(tx, 'upload.received', upload.id, { sha256, bytes: size, obligation: upload.obligationId }, upload.supplierId);
  });
  // All is said and done; what is left here the sweep takes.
  await fs.unlink(place).catch((error: unknown) => log('warn', 'upload finished, its first name left', { error }));
  return { ...upload, receivedBytes: size, finishedAt, expiresAt, sha256 };
}

/** Ends an upload that can become no file. Its row stays until it expires and says why; its bytes go. */
export async function giveUp({ inTurn, now }: UploadContext, accountId: string, upload: Upload, place: string, fault: GivenUp): Promise<void> {
  await inTurn(accountId, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('upload')
      .set({ fault, finished_at: now() })
      .where('id', '=', upload.id)
      .where('finished_at', 'is', null)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 1n) await audit(tx, 'upload.given-up', upload.id, { fault, bytes: upload.sizeBytes }, upload.supplierId);
  });
  await fs.rm(place, { force: true });
}
