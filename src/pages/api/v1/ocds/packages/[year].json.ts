import { ocdsContext } from '../../../../../opendata/context.ts';
import { yearPackage } from '../../../../../opendata/ocds/package.ts';
import { jsonParts, machine, problem } from '../../../../../web/machine.ts';

/** All releases of a year as one package, made while it is sent. */
export const ALL = machine(async (context) => {
  const { app } = context.locals;
  const year = context.params['year'] ?? '';
  const parts = /^\d{4}$/.test(year) ? await yearPackage(app.db, Number(year), ocdsContext(app.content.current(), app.config.siteUrl)) : null;
  return parts ? jsonParts(parts) : problem(context, 'not-found');
});
