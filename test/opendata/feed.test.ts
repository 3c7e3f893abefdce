import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { describe, expect, test } from 'vitest';
import { problemSchema } from '../../src/opendata/lists/schemas.ts';
import { decodePlace, encodePlace, type FeedPlace, feedStart, publicationsAfter } from '../../src/opendata/ocds/feed.ts';
import { testApp } from '../support/database.ts';
import { startServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';

type App = Awaited<ReturnType<typeof testApp>>;

/** Reads to the end of the feed from a place on: what was read and where the reader stands then. */
async function readOn(app: App, from: FeedPlace, options: { guarded?: boolean } = {}): Promise<{ notes: string[]; place: FeedPlace }> {
  const notes: string[] = [];
  for (let place = from; ; ) {
    const rows = await publicationsAfter(app.db, place, 7, options);
    notes.push(...rows.map(({ note }) => note).filter(Boolean));
    const last = rows.at(-1);
    if (!last) return { notes, place };
    place = last;
  }
}

const insert = (client: PoolClient, note: string) =>
  client.query(
    `insert into agreement_version (agreement_id, number, event, content, note, published_at)
     select agreement_id, number + 1, 'changed', content, $1, now() from agreement_version order by id offset $2 limit 1`,
    [note, note === 'A' ? 0 : 1],
  );

/** A writes and waits, B writes and commits, the reader reads to the end, A commits, the reader goes on from where it was. */
async function lateCommit(options: { guarded?: boolean } = {}): Promise<string[]> {
  const app = await testApp();
  const [a, b] = [await app.database.owner.pool.connect(), await app.database.owner.pool.connect()];
  try {
    await a.query('begin');
    await insert(a, 'A');
    await b.query('begin');
    await insert(b, 'B');
    await b.query('commit');
    const before = await readOn(app, feedStart, options);
    await a.query('commit');
    const seen = [...before.notes];
    let { place } = before;
    // Other databases of the cluster may hold the horizon back for a moment: what counts is that nothing is missed in the end.
    for (let tries = 0; tries < 50 && !(seen.includes('A') && seen.includes('B')); tries += 1) {
      const more = await readOn(app, place, options);
      seen.push(...more.notes);
      place = more.place;
      if (options.guarded === false) break;
      await sleep(100);
    }
    return seen;
  } finally {
    a.release();
    b.release();
  }
}

describe('who follows the feed from cursor to cursor', () => {
  test('gets a publication that was committed late, each once', async () => {
    expect((await lateCommit()).sort()).toEqual(['A', 'B']);
  });

  test('would miss it without the guard', async () => {
    expect(await lateCommit({ guarded: false })).toEqual(['B']);
  });

  test('gets everything once over HTTP, then an empty page whose cursor is where it was', async () => {
    const { base, database } = await startServer({ env: { WORKER: 'off' } });
    const visitor = new Visitor(base);
    type Page = { releases: { id: string }[]; links: { next: string } };
    const pageAt = async (address: string): Promise<Page> => (await visitor.get(address)).json() as Promise<Page>;
    const local = (next: string): string => new URL(next).pathname + new URL(next).search;
    const first = await pageAt('/api/v1/ocds/releases');
    const { count } = await database.owner.db
      .selectFrom('agreement_version')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(new Set(first.releases.map(({ id }) => id)).size).toBe(count);
    const empty = await pageAt(local(first.links.next));
    expect([empty.releases, empty.links.next]).toEqual([[], first.links.next]);

    const client = await database.owner.pool.connect();
    await insert(client, 'A');
    client.release();
    let more = empty;
    for (let tries = 0; tries < 50 && more.releases.length === 0; tries += 1) {
      more = await pageAt(local(empty.links.next));
      await sleep(100);
    }
    expect(more.releases.map(({ id }) => id.slice(-3))).toEqual(['-v2']);
  });

  test('is told when a cursor is none of ours', async () => {
    const { base } = await startServer({ env: { WORKER: 'off' } });
    for (const cursor of ['', 'x', Buffer.from('["-1",0]').toString('base64url'), Buffer.from('["1",1.5]').toString('base64url'), Buffer.from('[1,1]').toString('base64url')]) {
      const response = await new Visitor(base).get(`/api/v1/ocds/releases?cursor=${cursor}`);
      expect([cursor, response.status, problemSchema.parse(await response.json()).errors[0]?.code]).toEqual([cursor, 400, 'bad-cursor']);
    }
    expect(decodePlace(encodePlace({ xid: '18446744073709551', id: 7 }))).toEqual({ xid: '18446744073709551', id: 7 });
  });
});
