import { dcatCatalogue } from '../../../opendata/dcat.ts';
import { yearsOfPublication } from '../../../opendata/ocds/feed.ts';
import { json, machine } from '../../../web/machine.ts';

/** The catalogue of the open data (DCAT-AP 3), as JSON-LD. */
export const ALL = machine(async (context) => {
  const { app, frame } = context.locals;
  return json(context, dcatCatalogue({ siteUrl: app.config.siteUrl, owner: frame.owner, years: await yearsOfPublication(app.db) }), { type: 'application/ld+json' });
});
