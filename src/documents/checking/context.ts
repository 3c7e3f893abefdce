import type { Municipality } from '../../municipality/municipality.ts';
import type { Db } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';
import type { Log } from '../../platform/log.ts';
import type { Scanner } from '../scanner/clamd.ts';

/** What mails about files say of us. */
export interface Sender {
  readonly municipality: Municipality;
  readonly siteUrl: URL;
}

/** What the checking of files needs. */
export interface CheckContext extends Sender {
  /** Connected as portal_worker. */
  readonly db: Db;
  readonly files: Files;
  /** Null where the instance has none: files stay 'unscanned'. */
  readonly scanner: Scanner | null;
  readonly now: () => Date;
  readonly log: Log;
  /** Aborted when the worker stops: a scan that hangs is given up, and its job is done again later. */
  readonly stopping: AbortSignal;
}

/** Some bytes, read as a kind of file. */
export interface Content {
  readonly sha256: string;
  readonly kind: string;
}
