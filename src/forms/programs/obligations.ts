import type { APIContext } from 'astro';
import type { App } from '../../app.ts';
import { type ObligationTypes, tableOf, typeOf } from '../../followup/obligation-type.ts';
import { obligationPlace, obligationStates, obligationsFor } from '../../followup/supplier/for-programs.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { KeyActor } from '../../identity/keys/use.ts';
import { defaultLimit, highestLimit } from '../../opendata/lists/list.ts';
import type { ProblemError } from '../../opendata/lists/schemas.ts';
import { openDataMessages } from '../../opendata/messages.ts';
import { programPaths } from '../../opendata/programs.ts';
import { readCursor, writeCursor } from '../../platform/asking/cursor.ts';
import { privateJson, privateProblem } from '../../web/machine.ts';

/** An obligation as programs read it. */
export interface ObligationRow {
  readonly id: string;
  readonly type: string;
  readonly period: string | null;
  readonly lot: string | null;
  readonly state: string;
  readonly due_on: string;
  readonly opens_on: string;
  readonly agreement_number: string;
  readonly agreement_title_da: string;
  readonly agreement_title_en: string;
  readonly supplier_cvr: string;
  readonly supplier_name: string;
}

export function toldObligation(row: ObligationRow, { types, config }: { readonly types: ObligationTypes; readonly config: Pick<App['config'], 'siteUrl'> }) {
  const type = typeOf(types, row.type);
  const at = (path: string): string => new URL(path, config.siteUrl).href;
  return {
    id: row.id,
    type: type.id,
    title: type.title,
    agreement: { number: row.agreement_number, title: { da: row.agreement_title_da, en: row.agreement_title_en || row.agreement_title_da } },
    supplier: { cvr: row.supplier_cvr, name: row.supplier_name },
    period: row.period,
    lot: row.lot,
    state: row.state,
    dueOn: row.due_on,
    opensOn: row.opens_on,
    hasLines: tableOf(type) !== undefined,
    url: at(pathTo('task', 'da', { id: row.id })),
    returns: at(programPaths.returns(row.id)),
    schema: at(programPaths.schema(type.id)),
  };
}

/** The supplier's obligations by deadline, a page at a time. */
export async function listObligations(context: APIContext, actor: KeyActor): Promise<Response> {
  const { app } = context.locals;
  const params = context.url.searchParams;
  const faults: ProblemError[] = [];
  const fault = (parameter: 'limit' | 'cursor' | 'state', found: string): void => {
    const { da, en } = openDataMessages;
    faults.push({ code: `bad-${parameter}`, parameter, found: found.slice(0, 200), message_da: da.faults[parameter], message_en: en.faults[parameter] });
  };
  const stateText = params.get('state');
  const state = obligationStates.find((each) => each === stateText) ?? null;
  if (stateText !== null && state === null) fault('state', stateText);
  const limitText = params.get('limit');
  const limit = limitText === null ? defaultLimit : /^\d{1,4}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > highestLimit) fault('limit', limitText ?? '');
  const cursor = params.get('cursor');
  const after = cursor === null ? null : readCursor(obligationPlace, cursor);
  if (cursor !== null && after === null) fault('cursor', cursor);
  if (faults.length > 0) return privateProblem(context, 'bad-parameter', faults);

  const found = await obligationsFor(app.db, actor, { state, after, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const next = found.length > limit && last ? writeCursor([last.due_on, last.id]) : null;
  const query = new URLSearchParams({ limit: String(limit), ...(state && { state }), ...(next && { cursor: next }) });
  const link = next && new URL(`${programPaths.obligations}?${query}`, app.config.siteUrl).href;
  return privateJson({ items: rows.map((row) => toldObligation(row, app)), next }, 200, link ? { link: `<${link}>; rel="next"` } : {});
}
