import { setTimeout as sleep } from 'node:timers/promises';
import type { APIContext } from 'astro';
import type { App } from '../../app.ts';
import { isUnusual, type LastTime, lastTime } from '../../followup/lines.ts';
import { type TableField, tableOf, typeOf } from '../../followup/obligation-type.ts';
import { taskOf, type WholeObligation } from '../../followup/queries.ts';
import type { Actor } from '../../identity/actor.ts';
import { asAccount } from '../../platform/db.ts';
import { type DraftReturn, draftReturns } from '../../returns/kept/queries.ts';
import { passing } from '../../web/passing.ts';
import { contextFor, faultsFile, sendFaultsFile } from './check-file.ts';

/** Most files are read before their sender would have looked again: so long a page waits for one. Milliseconds. */
const patience = 2_000;
const lookEvery = 200;

export interface DraftLines {
  readonly table: TableField;
  readonly returns: DraftReturn[];
  /** What was filed for the period before, where the lines add up to something quite different. */
  readonly unusual: LastTime | null;
}

/** What has been read of the lines in a task's draft, as soon as all of it has or after some milliseconds; null where the task has none. */
export async function linesOf({ app, actor }: Pick<App.Locals, 'app' | 'actor'>, task: WholeObligation, longest = patience): Promise<DraftLines | null> {
  const table = tableOf(typeOf(app.types, task.type));
  if (!table) return null;
  for (let waited = 0; ; waited += lookEvery) {
    const returns = await draftReturns(app.db, actor, task.id);
    if (waited >= longest || !returns.some(({ state }) => state === 'waiting')) return { table, returns, unusual: await unusual(app, actor, task.id, returns) };
    await sleep(lookEvery);
  }
}

async function unusual({ db }: App, actor: Actor, taskId: string, [only, ...others]: readonly DraftReturn[]): Promise<LastTime | null> {
  if (!only?.report || others.length > 0) return null;
  const before = await asAccount(db, actor.accountId, (tx) => lastTime(tx, taskId));
  return isUnusual(before, only.report.totals.totalOere) ? before : null;
}

/** The file of a draft with its faults marked, or the list of them, by `<id of the return's file>-<marked|list>`. */
export async function sendFaults({ locals, params }: APIContext): Promise<Response> {
  const { app, actor, lang } = locals;
  const nothing = new Response(null, { status: 404 });
  const [, id, what] = /^([0-9a-f-]{36})-(marked|list)$/.exec(params['file'] ?? '') ?? [];
  const task = id === undefined ? undefined : await taskOf(app.db, actor, params['id'] ?? '');
  const found = task && (await draftReturns(app.db, actor, task.id)).find((each) => each.id === id && each.state === 'read');
  const table = task && tableOf(typeOf(app.types, task.type));
  const report = found?.report;
  if (!task || !found || !report || !table) return nothing;
  const place = await passing();
  if (!place) return new Response(null, { status: 503, headers: { 'retry-after': '10' } });
  try {
    await place.files.receive(await app.files.read(found.sha256), Number.MAX_SAFE_INTEGER);
    const context = await contextFor(app, table, { supplier: task.supplier_cvr, agreement: task.agreement_number, period: task.period ?? undefined });
    const { name, kind, sha256 } = found;
    const faults = await place.files.local(sha256, (path) => faultsFile(what === 'marked' ? 'marked' : 'list', { path, kind }, context, { name, report, lang }));
    return sendFaultsFile(faults, place);
  } catch (error) {
    await place.forget();
    throw error;
  }
}
