import { ocdsContext } from '../../../../opendata/context.ts';
import { openDataMessages } from '../../../../opendata/messages.ts';
import { decodePlace, encodePlace, feedStart, publicationsAfter } from '../../../../opendata/ocds/feed.ts';
import { releaseOf, releasePackage } from '../../../../opendata/ocds/release.ts';
import { paths } from '../../../../opendata/publication.ts';
import { json, machine, problem } from '../../../../web/machine.ts';

const limit = 200;

/** Releases from a place on. Who goes on from links.next gets every release once, also those that were committed late. */
export const ALL = machine(async (context) => {
  const { app } = context.locals;
  const cursor = context.url.searchParams.get('cursor');
  const place = cursor === null ? feedStart : decodePlace(cursor);
  if (!place) {
    const { da, en } = openDataMessages;
    return problem(context, 'bad-parameter', [
      { code: 'bad-cursor', parameter: 'cursor', found: (cursor ?? '').slice(0, 200), message_da: da.faults.cursor, message_en: en.faults.cursor },
    ]);
  }
  const rows = await publicationsAfter(app.db, place, limit);
  const about = ocdsContext(app.content.current(), app.config.siteUrl);
  const next = `${paths.releases}?cursor=${encodePlace(rows.at(-1) ?? place)}`;
  const uri = cursor === null ? paths.releases : `${paths.releases}?cursor=${encodePlace(place)}`;
  const now = app.clock.now();
  const releases = rows.map((row) => releaseOf(row, about));
  return json(context, releasePackage(uri, releases, about, now, next), releases.length === 0 ? { moment: now.toISOString() } : {});
});
