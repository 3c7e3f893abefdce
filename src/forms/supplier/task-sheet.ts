import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { AstroGlobal } from 'astro';
import { replaceLines } from '../../followup/draft.ts';
import type { TableField } from '../../followup/obligation-type.ts';
import type { WholeObligation } from '../../followup/queries.ts';
import { pathTo } from '../../i18n/routes.ts';
import { linesFile } from '../../returns/lines-file.ts';
import { refusalIn } from '../../returns/refusal.ts';
import { sheetMessages } from '../../returns/sheet/messages.ts';
import { keptCell, mostRows, type Sheet, type SheetRow, sheetOf, typedRows } from '../../returns/sheet/rows.ts';
import { BrokenForm, readForm } from '../../web/form.ts';
import { passing } from '../../web/passing.ts';
import { statusOf } from '../../web/problem.ts';
import { contextFor } from './check-file.ts';
import { type DraftLines, linesOf } from './task-lines.ts';

type Astro = Pick<AstroGlobal, 'request' | 'locals'>;

/** What keeps the lines of a draft from being shown as a sheet. */
export type NoSheet = 'several' | 'waiting' | 'too-many' | 'busy';

export interface SheetState {
  readonly status: number;
  readonly rows: readonly SheetRow[];
  readonly whole: Sheet['whole'];
  /** The file of the draft that the sheet was made from; empty when there is none. */
  readonly seen: string;
  readonly refusal?: string;
  /** The file in the draft can be read no further; what is typed takes its place. */
  readonly unreadable?: boolean;
}

const rowsToBegin = 5;

const blankRows = (count: number, columns: number, firstLine: number): SheetRow[] =>
  Array.from({ length: count }, (_, at) => ({ line: firstLine + at, cells: Array.from({ length: columns }, () => ''), findings: [] }));

/** What the task itself says of each line, by the place of the column; empty for what must be typed. */
export function knownCells({ columns }: TableField, task: WholeObligation): string[] {
  const known = { period: task.period ?? '', agreement: task.agreement_number, cvr: task.supplier_cvr } as Readonly<Record<string, string>>;
  return columns.map(({ type }) => known[type] ?? '');
}

/** The lines of a task's draft as a sheet, with some empty ones below; or why there is none. */
export async function openSheet({ locals }: Astro, task: WholeObligation, { table, returns }: DraftLines): Promise<SheetState | NoSheet> {
  const [only, ...others] = returns;
  const width = table.columns.length;
  if (others.length > 0) return 'several';
  if (!only) return { status: 200, rows: blankRows(rowsToBegin, width, 2), whole: [], seen: '' };
  if (only.state === 'waiting') return 'waiting';
  const unreadable: SheetState = { status: 200, rows: blankRows(rowsToBegin, width, 2), whole: [], seen: only.id, unreadable: true };
  if (only.state === 'unreadable') return unreadable;
  if (only.lineCount > mostRows) return 'too-many';
  const { app } = locals;
  const place = await passing();
  if (!place) return 'busy';
  try {
    await place.files.receive(await app.files.read(only.sha256), Number.MAX_SAFE_INTEGER);
    const context = await contextFor(app, table, { supplier: task.supplier_cvr, agreement: task.agreement_number, period: task.period ?? undefined });
    const sheet = await place.files.local(only.sha256, (path) => sheetOf({ path, kind: only.kind }, context, locals.lang));
    if (!sheet) return 'too-many';
    const next = (sheet.rows.at(-1)?.line ?? 1) + 1;
    return { status: 200, rows: sheet.rows.length > 0 ? sheet.rows : blankRows(rowsToBegin, width, next), whole: sheet.whole, seen: only.id };
  } catch (error) {
    if (refusalIn(error, only.kind)) return unreadable;
    throw error;
  } finally {
    await place.forget();
  }
}

/** Keeps what was typed as the draft's lines, in the place of those before, and leads to where it can be mended or filed. */
export async function postSheet({ request, locals }: Astro, task: WholeObligation, { table, returns }: DraftLines): Promise<{ redirect: string } | SheetState> {
  const { app, actor, lang } = locals;
  const width = table.columns.length;
  const form = await readForm(request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return null;
    throw error;
  });
  if (!form) return { status: 400, rows: blankRows(rowsToBegin, width, 2), whole: [], seen: returns[0]?.id ?? '', refusal: 'broken-form' };
  const typed = typedRows(form.fields, width);
  const seen = form.fields['seen'] ?? '';
  const rows = typed.map((cells, at) => ({ line: at + 2, cells, findings: [] }));
  const again = (status: number, refusal: string, now = seen): SheetState => ({ status, rows, whole: [], seen: now, refusal });
  if (form.fields['intent'] === 'add') {
    const more = blankRows(Math.min(rowsToBegin, mostRows - rows.length), width, rows.length + 2);
    return { status: 200, rows: [...rows, ...more], whole: [], seen };
  }
  const known = knownCells(table, task);
  const said = typed.filter((cells) => cells.some((text, at) => text !== '' && text !== known[at]));
  if (said.length === 0) return again(400, 'empty');
  const lines = said.map((cells) => table.columns.map((column, at) => keptCell(column, cells[at] ?? '') || known[at] || null));
  const stored = await app.files.receive(Readable.fromWeb(linesFile(table, lines) as NodeStream), app.config.maxFileBytes);
  if (stored === 'too-large') return again(413, 'too-large');
  const name = `${returns[0]?.name.replace(/\.[^.]*$/, '') ?? sheetMessages[lang].fileName}.csv`;
  try {
    await replaceLines(app.db, app.types, actor, task.id, { name, kind: 'csv', sha256: stored.sha256, sizeBytes: stored.sizeBytes }, seen, app.clock.now());
  } catch (error) {
    const status = statusOf(error);
    if (status === null || status === 404) throw error;
    // Pressed once more, what is typed here counts.
    return again(status, (error as { code?: string }).code ?? '', returns.map(({ id }) => id).join());
  }
  const kept = await linesOf(locals, task);
  const hasErrors = kept?.returns.some(({ state, report }) => state === 'read' && (report?.errors ?? 0) > 0);
  return { redirect: `${pathTo(hasErrors ? 'taskSheet' : 'task', lang, { id: task.id })}?gemt=linjer` };
}
