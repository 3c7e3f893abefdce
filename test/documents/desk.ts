import { Readable } from 'node:stream';
import { sql } from 'kysely';
import type { CheckContext, Content } from '../../src/documents/checking/context.ts';
import type { FileKind } from '../../src/documents/kind.ts';
import type { Scanner } from '../../src/documents/scanner/clamd.ts';
import { mayBeOpened, type Verdict } from '../../src/documents/stored.ts';
import { attach } from '../../src/followup/draft.ts';
import { connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from '../support/clean-up.ts';
import { actorOf, testApp } from '../support/database.ts';
import { testNow } from '../support/known.ts';
import { obligationOf } from '../support/obligations.ts';

/** A supplier who brings files, and the worker who checks them, on a database of their own. */
export async function checkingDesk() {
  const app = await testApp();
  const worker = connect(
    app.database.workerUrl,
    createLog('error', () => {}),
    3,
  );
  atEnd(() => worker.close());
  const supplier = await actorOf(app, 'leverandoer@demo.example');
  const obligation = await obligationOf(app.database, '90000004', 'open');
  const said: { level: string; event: string; facts: Record<string, unknown> | undefined }[] = [];

  const context = (scanner: Scanner | null, now = testNow): CheckContext => ({
    db: worker.db,
    files: app.files,
    scanner,
    now: () => now,
    stopping: new AbortController().signal,
    log: (level, event, facts) => said.push({ level, event, facts }),
    municipality: app.municipality,
    siteUrl: app.config.siteUrl,
  });

  return {
    app,
    supplier,
    obligation,
    context,
    said,

    /** Puts a file into the supplier's draft. */
    async bring(kind: FileKind, bytes: string | Uint8Array, name = `fil.${kind}`): Promise<Content> {
      const stored = await app.files.receive(Readable.from([Buffer.from(bytes as string)]), 100_000_000);
      if (stored === 'too-large') throw new Error('unexpected');
      await attach(app.db, app.types, supplier, obligation.id, [{ name, kind, sizeBytes: stored.sizeBytes, sha256: stored.sha256 }], testNow);
      return { sha256: stored.sha256, kind };
    },

    rowOf({ sha256, kind }: Content) {
      return app.database.owner.db.selectFrom('stored_file').selectAll().where('sha256', '=', sha256).where('kind', '=', kind).executeTakeFirstOrThrow();
    },

    /** Whether anybody could open the file now, in the demonstration or outside it. */
    async isServed(content: Content): Promise<boolean> {
      const { verdict } = await this.rowOf(content);
      return mayBeOpened(verdict as Verdict, false);
    },

    mails() {
      return app.database.owner.db.selectFrom('mail').select(['reason', 'to_address', 'subject', 'body']).where('reason', 'like', 'file-%').orderBy('queued_at').execute();
    },

    auditOf({ sha256 }: Content) {
      return app.database.owner.db
        .selectFrom('audit_entry')
        .select(['event', 'detail', 'actor'])
        .where('subject', '=', sha256)
        .where('event', 'like', 'file.%')
        .orderBy('seq')
        .execute();
    },

    async emptyQueue(): Promise<void> {
      await sql`delete from graphile_worker._private_jobs`.execute(app.database.owner.db);
    },

    /** Jobs that wait to check a file, with their priority. */
    async jobs(): Promise<{ key: string; priority: number }[]> {
      const { rows } = await sql<{ key: string; priority: number }>`
        select j.key, j.priority from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
        where t.identifier = 'file-check' order by j.id`.execute(app.database.owner.db);
      return rows;
    },
  };
}
