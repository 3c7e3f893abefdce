import type { Actor } from '../../identity/actor.ts';
import { hours } from '../../platform/clock.ts';
import type { Tx } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';
import type { Log } from '../../platform/log.ts';
import type { CommonRefusal } from '../../platform/refusal.ts';
import type { FileKind, UploadFault } from '../kind.ts';
import type { InTurn } from './turns.ts';

/** A file on its way in, as its row says. */
export interface Upload {
  readonly id: string;
  readonly supplierId: string;
  /** Into whose draft it goes; null: into the library. */
  readonly obligationId: string | null;
  readonly name: string;
  readonly kind: FileKind;
  readonly sizeBytes: number;
  readonly declaredSha256: string | null;
  /** Bytes that are safe on the disk. All of them only when the file is whole, in the store and where it belongs. */
  readonly receivedBytes: number;
  readonly expiresAt: Date;
  /** Whole, or given up. */
  readonly finishedAt: Date | null;
  readonly sha256: string | null;
  readonly fault: GivenUp | null;
  /** Upload-Metadata as it was sent. */
  readonly metadata: string;
}

/** What somebody wants to send. */
export interface Wish {
  readonly name: string;
  readonly kind: FileKind;
  readonly sizeBytes: number;
  readonly sha256: string | null;
  readonly obligationId: string | null;
  readonly supplierId: string | null;
  readonly metadata: string;
}

/** Why an upload ended without a file; it stays until it expires, so that its sender can read why. */
export type GivenUp = (typeof givenUp)[number];
export const givenUp = ['file-wrong-content', 'file-wrong-checksum', 'bytes-lost', 'not-open-yet', 'already-filed'] as const;

/** Why a request about an upload is refused. */
export type UploadRefusal =
  | CommonRefusal
  | GivenUp
  | Exclude<UploadFault, 'too-many-files'>
  | 'not-logged-in'
  | 'cross-site'
  | 'method-not-allowed'
  | 'wrong-version'
  | 'wrong-content-type'
  | 'bad-length'
  | 'length-deferred'
  | 'bad-offset'
  | 'bad-metadata'
  | 'bad-checksum'
  | 'name-missing'
  | 'supplier-missing'
  | 'takes-no-files'
  | 'too-many-open'
  | 'too-many-bytes'
  | 'too-much-in-a-day'
  | 'too-many-at-once'
  | 'expired'
  | 'wrong-offset'
  | 'locked'
  | 'wrong-checksum'
  | 'longer-than-declared'
  | 'already-received';

/** Who sends. The rights are read when they are needed, so that they are those of that moment. */
export interface Sender {
  readonly accountId: string;
  /** In a transaction of its own, or in one that runs on behalf of the account. */
  actor(tx?: Tx): Promise<Actor>;
}

/** How long an upload waits for its next byte. */
export const lifetime = hours(24);
/** And for its first, when starting again loses nothing: an answer that never arrived leaves an upload that nobody knows of. */
export const lifetimeWithoutBytes = hours(1);

/** What uploads need of the rest of the product. */
export interface UploadContext {
  readonly inTurn: InTurn;
  readonly files: Files;
  readonly log: Log;
  readonly now: () => Date;
  readonly maxFileBytes: number;
  /** Refuses a file before any of its bytes are sent, by name of the reason; resolves to the supplier whose file it would be. */
  admit(tx: Tx, actor: Actor, wish: Wish): Promise<string>;
  /** Puts a whole file where it belongs, in the transaction that ends its upload. */
  deliver(tx: Tx, actor: Actor, upload: Upload, sha256: string): Promise<void>;
}
