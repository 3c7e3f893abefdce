import { ocdsContext } from '../../../../../opendata/context.ts';
import { historyOf } from '../../../../../opendata/ocds/feed.ts';
import { numberIn, recordOf, recordPackage } from '../../../../../opendata/ocds/release.ts';
import { paths } from '../../../../../opendata/publication.ts';
import { today } from '../../../../../platform/clock.ts';
import { json, machine, problem } from '../../../../../web/machine.ts';

/** Everything known of one contracting process, how its follow-up stands too. */
export const ALL = machine(async (context) => {
  const { app } = context.locals;
  const ocid = context.params['ocid'] ?? '';
  const number = numberIn(ocid);
  const { versions, standings } = number === null ? { versions: [], standings: [] } : await historyOf(app.db, number);
  if (versions.length === 0) return problem(context, 'not-found');
  const about = ocdsContext(app.content.current(), app.config.siteUrl);
  return json(context, recordPackage(paths.record(ocid), [recordOf(versions, about, standings, today(app.clock))], about, app.clock.now()));
});
