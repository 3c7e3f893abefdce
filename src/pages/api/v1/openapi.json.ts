import { tableOf } from '../../../followup/obligation-type.ts';
import { listContext } from '../../../opendata/context.ts';
import { agreementList } from '../../../opendata/lists/agreements.ts';
import { openDataMessages } from '../../../opendata/messages.ts';
import { yearsOfPublication } from '../../../opendata/ocds/feed.ts';
import { openApiDocument } from '../../../opendata/openapi.ts';
import { json, machine } from '../../../web/machine.ts';

/** The contract of the open data (OpenAPI 3.1), with examples that can be fetched. */
export const ALL = machine(async (context) => {
  const { app, frame } = context.locals;
  const [year] = await yearsOfPublication(app.db);
  const first = await agreementList.page(listContext(app), { limit: 1, after: null });
  const [agreement] = first.items as { number: string }[];
  const lineType = [...app.types.values()].find((type) => tableOf(type))?.id;
  const title = openDataMessages.en.apiTitle(frame.owner.name.en);
  return json(context, openApiDocument({ siteUrl: app.config.siteUrl, owner: frame.owner, title, agreement: agreement?.number, year, lineType }));
});
