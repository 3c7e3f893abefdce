import { checkpoints } from '../../platform/audit/published.ts';
import { json, machine, problem } from '../../web/machine.ts';

const most = 1_000;

/** Checkpoints of the audit log, newest first; `next` leads to the earlier ones. */
export const ALL = machine(async (context) => {
  const below = context.url.searchParams.get('under');
  if (below !== null && !/^[1-9]\d{0,14}$/.test(below)) return problem(context, 'bad-parameter');
  const found = await checkpoints(context.locals.app.db, most, below === null ? null : Number(below));
  return json(context, {
    checkpoints: found.map(({ size, root, note, made_at }) => ({ size, root: root.toString('hex'), madeAt: made_at.toISOString(), note })),
    next: found.length === most ? `/revision/kontrolpunkter.json?under=${found.at(-1)?.size}` : null,
  });
});
