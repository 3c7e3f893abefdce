import { ocdsContext } from '../../../../../opendata/context.ts';
import { lastOfYear, publicationsOf } from '../../../../../opendata/ocds/feed.ts';
import { packageHead, releaseOf } from '../../../../../opendata/ocds/release.ts';
import { paths } from '../../../../../opendata/publication.ts';
import { jsonParts, machine, problem } from '../../../../../web/machine.ts';

/** All releases of a year as one package, made while it is sent. */
export const ALL = machine(async (context) => {
  const { app } = context.locals;
  const year = context.params['year'] ?? '';
  const last = /^\d{4}$/.test(year) ? await lastOfYear(app.db, Number(year)) : null;
  if (!last) return problem(context, 'not-found');
  const about = ocdsContext(app.content.current(), app.config.siteUrl);

  async function* parts(): AsyncGenerator<string> {
    yield `${JSON.stringify(packageHead(paths.package(year), (last as Date).toISOString(), about)).slice(0, -1)},"releases":[`;
    let separator = '';
    for await (const version of publicationsOf(app.db, Number(year))) {
      yield separator + JSON.stringify(releaseOf(version, about));
      separator = ',';
    }
    yield ']}';
  }
  return jsonParts(parts());
});
