import { programPaths } from '../../../../opendata/programs.ts';
import { publishedSchema } from '../../../../returns/programs/schema.ts';
import { json, machine, problem } from '../../../../web/machine.ts';

/** What a supplier's program may send for a type, as JSON Schema: made from what checks it. */
export const ALL = machine(async (context) => {
  const { app } = context.locals;
  const type = app.types.get(context.params['type'] ?? '');
  if (!type) return problem(context, 'not-found');
  return json(context, publishedSchema(type, new URL(programPaths.schema(type.id), app.config.siteUrl).href), { type: 'application/schema+json' });
});
