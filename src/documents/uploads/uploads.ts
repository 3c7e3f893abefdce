import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { audit } from '../../platform/audit.ts';
import type { Locks } from '../../platform/locks.ts';
import { Refusal } from '../../platform/refusal.ts';
import { finish, giveUp } from './finish.ts';
import type { PartChecksum } from './protocol.ts';
import { uploadOf } from './queries.ts';
import { refuseOverQuota } from './quota.ts';
import { type Running, receivePart } from './receive.ts';
import { type GivenUp, givenUp, lifetime, lifetimeWithoutBytes, type Sender, type Upload, type UploadContext, type UploadRefusal, type Wish } from './upload.ts';
import { type Writer, writersWith } from './writers.ts';

export interface Uploads {
  /** Refuses for every reason that is known before a byte is sent. */
  begin(sender: Sender, wish: Wish): Promise<Upload>;
  /** The first bytes, which come with the request that begins it. Cut or refused, it is forgotten: its sender never heard of it. */
  appendFirst(sender: Sender, begun: Upload, addition: Addition): Promise<Upload>;
  /**
   * Adds what the request brings at `offset`, and ends the upload when that is all of it: checked, in the store, and
   * where it belongs, once. Resolves when what it says is safe; a request that is cut counts as far as it came.
   */
  append(sender: Sender, id: string, addition: Addition): Promise<Upload>;
  /** Ends an unfinished upload and erases its bytes. */
  terminate(sender: Sender, id: string): Promise<void>;
  /** Stops requests in the middle of sending, keeping what came. */
  stop(): Promise<void>;
}

/** What one request adds. */
export interface Addition {
  readonly offset: number;
  readonly source: IncomingMessage;
  readonly checksum: PartChecksum | null;
  /** Asked every few seconds while bytes come; throws when its sender may not go on. */
  refuseUnlessAllowed(): Promise<void>;
}

/** Hash states that are kept between the requests of an upload; of the others, the file is read again at its end. */
const keptHashes = 500;

const refusal = (code: UploadRefusal): Refusal<UploadRefusal> => new Refusal(code);

export function uploadsWith(context: UploadContext, locks: Locks): Uploads {
  const { inTurn, files, log, now } = context;
  const writers = writersWith(locks);
  const hashes = new Map<string, Running>();
  const placeOf = (id: string): string => path.join(files.incoming, id);
  let folder: Promise<unknown> | undefined;

  function remember(id: string, running: Running | { readonly offset: number }): void {
    hashes.delete(id);
    if (!('hash' in running)) return;
    hashes.set(id, running);
    const [oldest] = hashes.keys();
    if (hashes.size > keptHashes && oldest) hashes.delete(oldest);
  }

  /** Notes that bytes are safe, unless the rights, the lock or the upload itself are gone meanwhile. */
  async function advance(sender: Sender, writer: Writer, id: string, from: number, to: number): Promise<void> {
    if (writer.lost.aborted) throw refusal('locked');
    const { numUpdatedRows } = await inTurn(sender.accountId, (tx) =>
      tx
        .updateTable('upload')
        .set({ received_bytes: to, expires_at: new Date(now().getTime() + lifetime) })
        .where('id', '=', id)
        .where('received_bytes', '=', from)
        .where('finished_at', 'is', null)
        .executeTakeFirstOrThrow(),
    );
    if (numUpdatedRows === 1n) return;
    await uploadOf(inTurn, sender.accountId, id, now());
    throw refusal('wrong-offset');
  }

  async function append(sender: Sender, id: string, addition: Addition): Promise<Upload> {
    const writer = await writers.take(id, sender.accountId);
    try {
      const upload = await uploadOf(inTurn, sender.accountId, id, now());
      if (upload.fault) throw new Refusal<UploadRefusal>(upload.fault, { gone: 'yes' });
      if (addition.offset !== upload.receivedBytes) throw refusal('wrong-offset');
      refuseTooLong(upload, addition.source);
      if (upload.finishedAt) return upload;
      return await receive(sender, upload, writer, addition);
    } finally {
      await writer.release();
    }
  }

  async function appendFirst(sender: Sender, begun: Upload, addition: Addition): Promise<Upload> {
    let writer: Writer | undefined;
    let upload = begun;
    try {
      refuseTooLong(begun, addition.source);
      writer = await writers.take(begun.id, sender.accountId, true);
      upload = await receive(sender, begun, writer, addition);
      return upload;
    } finally {
      const heard = addition.source.readableEnded || !addition.source.destroyed;
      if (!upload.finishedAt && (upload === begun || !heard))
        await erase(sender, begun.id, 'quietly').catch((error: unknown) => log('warn', 'upload not forgotten', { id: begun.id, error }));
      await writer?.release();
    }
  }

  async function erase(sender: Sender, id: string, quietly?: 'quietly'): Promise<void> {
    await inTurn(sender.accountId, async (tx) => {
      const upload = await tx.deleteFrom('upload').where('id', '=', id).where('sha256', 'is', null).returning(['supplier_id', 'received_bytes', 'fault']).executeTakeFirst();
      if (!upload) throw refusal('already-received');
      if (!quietly && !upload.fault) await audit(tx, 'upload.terminated', id, { bytes: upload.received_bytes }, upload.supplier_id);
    });
    hashes.delete(id);
    await fs.rm(placeOf(id), { force: true });
  }

  async function receive(sender: Sender, upload: Upload, writer: Writer, { source, checksum, refuseUnlessAllowed }: Addition): Promise<Upload> {
    const { id } = upload;
    const place = placeOf(id);
    let settled = upload.receivedBytes;
    try {
      folder ??= fs.mkdir(files.incoming, { recursive: true });
      await folder;
      const reached = await receivePart(source, writer, {
        place,
        upload,
        running: hashes.get(id),
        checksum,
        async advance(to) {
          await refuseUnlessAllowed();
          await advance(sender, writer, id, settled, to);
          settled = to;
        },
      });
      if (writer.lost.aborted) throw refusal('locked');
      if (reached.offset < upload.sizeBytes) {
        remember(id, reached);
        return { ...upload, receivedBytes: settled, expiresAt: settled === upload.receivedBytes ? upload.expiresAt : new Date(now().getTime() + lifetime) };
      }
      hashes.delete(id);
      return await finish(context, await sender.actor(), { ...upload, receivedBytes: settled }, place, 'hash' in reached ? reached.hash : undefined);
    } catch (error) {
      if (!(error instanceof Refusal)) folder = undefined;
      if (!(error instanceof Refusal && error.code === 'wrong-checksum')) hashes.delete(id);
      if (isFault(error)) await giveUp(context, sender.accountId, upload, place, error.code);
      throw error;
    }
  }

  return {
    append,
    appendFirst,
    begin: async (sender, wish) => {
      return inTurn(sender.accountId, async (tx) => {
        const actor = await sender.actor(tx);
        const supplierId = await context.admit(tx, actor, wish);
        const at = now();
        await refuseOverQuota(tx, supplierId, wish.sizeBytes, context.maxFileBytes, at);
        const { name, kind, sizeBytes, sha256, obligationId, metadata } = wish;
        const id = randomBytes(16).toString('hex');
        const expiresAt = new Date(at.getTime() + lifetimeWithoutBytes);
        await tx
          .insertInto('upload')
          .values({
            id,
            account_id: sender.accountId,
            supplier_id: supplierId,
            obligation_id: obligationId,
            name,
            kind,
            size_bytes: sizeBytes,
            declared_sha256: sha256,
            created_at: at,
            expires_at: expiresAt,
            metadata,
          })
          .execute();
        return { id, supplierId, obligationId, name, kind, sizeBytes, declaredSha256: sha256, receivedBytes: 0, expiresAt, finishedAt: null, sha256: null, fault: null, metadata };
      });
    },
    async terminate(sender, id) {
      await uploadOf(inTurn, sender.accountId, id, now());
      await writers.interrupt(id, sender.accountId);
      const writer = await writers.take(id, sender.accountId);
      try {
        await erase(sender, id);
      } finally {
        await writer.release();
      }
    },
    stop: writers.interruptAll,
  };
}

function refuseTooLong({ sizeBytes, receivedBytes }: Upload, { headers }: IncomingMessage): void {
  if (Number(headers['content-length'] ?? 0) > sizeBytes - receivedBytes) throw refusal('longer-than-declared');
}

function isFault(error: unknown): error is Refusal<GivenUp> {
  return error instanceof Refusal && (givenUp as readonly string[]).includes(error.code);
}
