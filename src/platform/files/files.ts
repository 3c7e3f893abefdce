import type { Readable } from 'node:stream';

export interface StoredFile {
  /** SHA-256 of the bytes, hexadecimal; also the address in the store. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The first bytes, at most 4,096, from which the kind of file is told. */
  readonly head: Buffer;
}

/** Part of a file: the first and the last byte, both included, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a store holds, as its listing tells. */
export interface HeldFile {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly storedAt: Date;
}

/**
 * Where the bytes of uploaded files lie. The database row is the truth; a file without a row is waste. A whole file is
 * never overwritten; a copy that is no longer what its checksum says is replaced when the true bytes come in again.
 */
export interface Files {
  /** A local folder for files on their way in; `keep` takes them from there. */
  readonly incoming: string;
  /**
   * Reads `bytes` to the end. When it resolves, the file has reached the disk under its checksum and survives a power cut.
   * Resolves to 'too-large' and keeps nothing when there are more than `limitBytes` bytes (the rest is read and thrown away).
   */
  receive(bytes: Readable, limitBytes: number): Promise<StoredFile | 'too-large'>;
  /**
   * Takes over the file at `place` in `incoming`: whole, synced, of this checksum and size, which is looked at once more unless the
   * caller has `hashed` the bytes while it wrote them.
   * When it resolves, the store holds it for good and it is gone from `place`; when it rejects, it is still there.
   */
  keep(place: string, sha256: string, sizeBytes: number, hashed?: 'hashed'): Promise<void>;
  /** The bytes of a stored file; of a range only what lies within the file. Rejects with ENOENT in `code` when the store does not hold it. */
  read(sha256: string, range?: ByteRange): Promise<Readable>;
  /** Null when the store does not hold it. */
  stat(sha256: string): Promise<HeldFile | null>;
  /** Gives `use` the path of a local file with the bytes, to read only; it may be gone afterwards. */
  local<T>(sha256: string, use: (place: string) => Promise<T>): Promise<T>;
  /** Everything that the store holds, in no order. */
  list(): AsyncIterable<HeldFile>;
  /** Erases, every version of it. No fault when there is nothing. */
  remove(sha256: string): Promise<void>;
  /** Clears away what receptions that broke off left behind before `before`. Returns how many. */
  tidy(before: Date): Promise<number>;
}
