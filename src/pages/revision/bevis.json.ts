import { consistencyPath } from '../../platform/audit/published.ts';
import { json, machine, problem } from '../../web/machine.ts';

/** The proof that the log of `fra` entries is the beginning of that of `til` (RFC 9162, 2.1.4): whoever keeps a checkpoint needs no access to the log to check it. */
export const ALL = machine(async (context) => {
  const [from, to] = ['fra', 'til'].map((name) => context.url.searchParams.get(name) ?? '');
  if (![from, to].every((size) => /^[1-9]\d{0,14}$/.test(size ?? ''))) return problem(context, 'bad-parameter');
  const path = await consistencyPath(context.locals.app.db, Number(from), Number(to));
  return path ? json(context, { from: Number(from), to: Number(to), path }) : problem(context, 'not-found');
});
