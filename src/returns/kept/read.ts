import { sql } from 'kysely';
import { type ObligationTypes, type TableField, tableOf, typeOf } from '../../followup/obligation-type.ts';
import { type Clock, today } from '../../platform/clock.ts';
import type { Connection, Db } from '../../platform/db.ts';
import type { Files } from '../../platform/files/files.ts';
import { type ClockWork, everyHour } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import { copyInto } from '../../platform/postgres/copy.ts';
import type { CheckContext, ReturnFile } from '../check.ts';
import type { Report } from '../check-rows.ts';
import { refusalIn } from '../refusal.ts';
import { registerFacts } from '../register.ts';
import { checkedLines } from './checked-lines.ts';

export interface ReadingContext {
  readonly db: Db;
  /** The pool behind `db`: lines go in by COPY. */
  readonly pool: Connection['pool'];
  readonly files: Files;
  readonly types: ObligationTypes;
  readonly clock: Clock;
  /** Aborted when the worker stops; what was being read is read again by the next. */
  readonly stopping: AbortSignal;
  readonly log: Log;
}

/** Findings that are kept with the report; all of them are in the files that the task gives. */
const mostFindings = 200;
/** Lines that differ from those filed before, and are shown. */
const mostDifferences = 100;
/** How often a reader of the page sees how far it is: milliseconds. */
const progressEvery = 1_000;

/**
 * Reads the file of a return to its end and checks every line. With nothing to mend, its lines are kept, all in one commit with the
 * report; else the report alone is. Killed at any point, nothing of it is there, and the job runs again. Bears to run twice.
 */
export async function readReturn(context: ReadingContext, id: string): Promise<void> {
  const found = await waiting(context.db, id);
  if (!found) return;
  const table = tableOf(typeOf(context.types, found.type));
  if (!table) throw new Error(`the type ${found.type} has no lines`);
  const asked = { supplier: found.cvr, agreement: found.agreement, period: found.period ?? undefined };
  const checking: CheckContext = { table, asked, facts: await registerFacts(context.db, asked), today: today(context.clock), signal: context.stopping };
  await context.files.local(found.sha256, async (path) => {
    const file: ReturnFile = { path, kind: found.kind === 'xlsx' ? 'xlsx' : 'csv' };
    try {
      await checkAndKeep(context, id, file, checking, found.before);
    } catch (error) {
      const refusal = refusalIn(error, file.kind);
      if (!refusal) throw error;
      if ((error as Error).cause) context.log('warn', 'a return could not be read', { id, error });
      await settle(context.db, id, { state: 'unreadable', refusal: JSON.stringify(refusal), report: null, read_at: context.clock.now() });
    }
  });
}

async function waiting(db: Db, id: string) {
  return db
    .selectFrom('return_file as f')
    .innerJoin('document as d', 'd.id', 'f.document_id')
    .innerJoin('obligation as o', 'o.id', 'f.obligation_id')
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .innerJoin('supplier as s', 's.id', 'f.supplier_id')
    .select((eb) => [
      'd.sha256',
      'd.kind',
      'o.type',
      'o.period',
      'a.number as agreement',
      's.cvr',
      eb
        .selectFrom('return_file as b')
        .innerJoin('document as e', 'e.id', 'b.document_id')
        .select('b.id')
        .whereRef('b.obligation_id', '=', 'f.obligation_id')
        .where('b.state', '=', 'read')
        .where('e.submission_id', 'is not', null)
        .orderBy('b.made_at', 'desc')
        .limit(1)
        .as('before'),
    ])
    .where('f.id', '=', id)
    .where('f.state', '=', 'waiting')
    .executeTakeFirst();
}

/** The places, counted from 1, of the columns that tell a line. */
const identityOf = ({ columns, checks }: TableField): number[] => (checks.identity ?? []).map((key) => columns.findIndex((column) => column.key === key) + 1);

/** Thrown into the COPY to take back lines of which some must be mended. */
class MustBeMended extends Error {}

async function checkAndKeep({ db, pool, clock, log }: ReadingContext, id: string, file: ReturnFile, checking: CheckContext, before: string | null): Promise<void> {
  let lines = 0;
  let report: Report | undefined;
  const progress = setInterval(() => {
    // The next second tells it anew, and the end says it for good.
    settle(db, id, { line_count: lines }).catch((error: unknown) => log('warn', 'progress of a return not told', { id, error }));
  }, progressEvery);
  async function* pieces(): AsyncGenerator<Buffer> {
    const reading = checkedLines(file, checking, mostFindings);
    try {
      for (;;) {
        const { done, value } = await reading.next();
        if (done) {
          report = value;
          break;
        }
        lines += value.lines;
        if (value.errors === 0 && value.text.length > 0) yield value.text;
      }
    } finally {
      await reading.return(undefined as never);
    }
    if (report.errors > 0) throw new MustBeMended();
  }
  const read = (): { state: 'read'; report: string; line_count: number; read_at: Date } => {
    if (!report) throw new Error('a file has not been read to its end');
    return { state: 'read', report: JSON.stringify(report), line_count: report.rows, read_at: clock.now() };
  };
  try {
    await copyInto({
      pool,
      target: 'return_line (line, cells)',
      pieces: pieces(),
      // Whose lines they are is said here, not by the process that has read what a stranger sent.
      first: { text: `select set_config('app.return_file', $1, true)`, values: [id] },
      last: () => {
        const { state, report: text, line_count: count, read_at: at } = read();
        return {
          text: `update return_file set state = $2, report = $3, line_count = $4, read_at = $5,
            difference = case when $6::uuid is not null then line_difference($6, $1, $7, $8) end where id = $1 and state = 'waiting'`,
          values: [id, state, text, count, at, before, identityOf(checking.table), mostDifferences],
        };
      },
    });
  } catch (error) {
    if (!(error instanceof MustBeMended)) throw error;
    await settle(db, id, read());
  } finally {
    clearInterval(progress);
  }
}

type Change = Partial<{ state: 'read' | 'unreadable'; report: string | null; refusal: string; line_count: number; read_at: Date }>;

async function settle(db: Db, id: string, change: Change): Promise<void> {
  await db.updateTable('return_file').set(change).where('id', '=', id).where('state', '=', 'waiting').execute();
}

/** Each hour, lines go that no document holds any more: taken out of its draft, or erased. Some at a time, so that nothing waits long for them. */
export function sweepLines(db: Db, log: Log): ClockWork {
  const atOnce = 50_000;
  async function run(): Promise<void> {
    const left = await db
      .selectFrom('return_file as f')
      .leftJoin('document as d', 'd.id', 'f.document_id')
      .select('f.id')
      .where((eb) => eb.or([eb('f.document_id', 'is', null), eb('d.erased_at', 'is not', null)]))
      .execute();
    for (const { id } of left) {
      for (let gone = atOnce; gone === atOnce; ) {
        const { numAffectedRows } = await sql`delete from return_line where ctid = any (array(select ctid from return_line where return_file_id = ${id} limit ${atOnce}))`.execute(
          db,
        );
        gone = Number(numAffectedRows);
      }
      await db.deleteFrom('return_file').where('id', '=', id).execute();
    }
    if (left.length > 0) log('info', 'lines of returns removed', { files: left.length });
  }
  return { name: 'returns-sweep', pattern: everyHour, run };
}
