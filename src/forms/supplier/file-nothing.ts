import { randomUUID } from 'node:crypto';
import type { AstroGlobal } from 'astro';
import { canBeFiled } from '../../followup/obligation.ts';
import { tableOf, typeOf } from '../../followup/obligation-type.ts';
import { tasksOf } from '../../followup/queries.ts';
import { submit } from '../../followup/submit.ts';
import { pathTo } from '../../i18n/routes.ts';
import { InvalidInput, Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';
import { readFields } from '../../web/form.ts';

type Astro = Pick<AstroGlobal, 'request' | 'locals'>;
type Tasks = Awaited<ReturnType<typeof tasksOf>>;

/** The tasks of which it may be said that there is nothing to report: open, and never filed. */
export async function nothingTasks({ app, actor }: App.Locals): Promise<Tasks> {
  const tasks = await tasksOf(app.db, actor);
  return tasks.filter((task) => canBeFiled(task.state) && task.state !== 'returned' && tableOf(typeOf(app.types, task.type))?.nothing);
}

/** How many were filed, and by task why the others were not. */
export interface NothingOutcome {
  readonly filed: number;
  readonly refused: ReadonlyMap<string, string>;
}

/** Files of each chosen task that there is nothing to report: each by itself, with a receipt of its own, so that one that cannot be filed keeps none of the others back. */
export async function postNothing({ request, locals }: Astro): Promise<{ redirect: string } | NothingOutcome> {
  const { app, actor, lang } = locals;
  const fields = await readFields(request);
  const own = await tasksOf(app.db, actor);
  const chosen = own.flatMap(({ id }) => (fields[`task-${id}`] === 'true' ? [id] : []));
  const refused = new Map<string, string>();
  for (const id of chosen) {
    const key = fields[`key-${id}`] ?? '';
    const filing = { answers: {}, formKey: isUuid(key) ? key : randomUUID(), round: 0, lang, lines: { seen: '', nothing: true } };
    try {
      await submit(app.db, app.followup, actor, id, filing, app.clock.now());
    } catch (error) {
      if (error instanceof InvalidInput) refused.set(id, error.faults[0]?.code ?? '');
      else if (error instanceof Refusal) refused.set(id, error.code);
      else throw error;
    }
  }
  const filed = chosen.length - refused.size;
  return chosen.length > 0 && refused.size === 0 ? { redirect: `${pathTo('tasks', lang)}?indsendt=${filed}` } : { filed, refused };
}
