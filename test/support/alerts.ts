import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { keysOf } from '../../src/alerts/address.ts';
import { announce, type News } from '../../src/alerts/announce.ts';
import { type Choice, type Rhythm, wordsIn } from '../../src/alerts/choices.ts';
import type { AlertContext } from '../../src/alerts/context.ts';
import { type Connection, connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { atEnd } from './clean-up.ts';
import { writtenContent } from './content.ts';
import type { TestDatabase } from './database.ts';
import { testNow } from './known.ts';

/** The key under which test servers sign. */
export const testKey = 'a key for tests only, long enough to be one';

export function alertContext(): AlertContext {
  const { municipality, da } = writtenContent();
  return { siteUrl: new URL('https://indkoeb.example'), secretKey: testKey, municipality, categories: da.categories };
}

/** A tender that was published, unless told otherwise. */
export const someNews = (changes: Partial<News> = {}): News => ({
  kind: 'tender',
  subject: 'rengoering-af-skoler-2027',
  version: 1,
  reason: 'opened',
  title: { da: 'Rengøring af skoler', en: 'Cleaning of schools' },
  path: { da: '/udbud/rengoering-af-skoler-2027', en: '/en/tenders/rengoering-af-skoler-2027' },
  summary: { da: 'Daglig rengøring af ni skoler.', en: 'Daily cleaning of nine schools.' },
  categories: ['rengoering'],
  text: 'vinduespudsning gulve toiletter',
  deadlineAt: '2027-01-18T11:00:00Z',
  changes: [],
  ...changes,
});

/** A database connection as the worker has it. */
export function asWorker(database: TestDatabase): Connection {
  const worker = connect(
    database.workerUrl,
    createLog('error', () => {}),
  );
  atEnd(() => worker.close());
  return worker;
}

/** Announces as the worker does, and returns the id. */
export async function announced(worker: Connection, news: News): Promise<string> {
  await worker.db.transaction().execute((tx) => announce(tx, news));
  const row = await worker.db
    .selectFrom('announcement')
    .select('id')
    .where('subject', '=', news.subject)
    .where('reason', '=', news.reason)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return row.id;
}

/** A confirmed subscriber, written past the sign-up. */
export async function subscriber(
  database: TestDatabase,
  address: string,
  choices: readonly Choice[],
  { rhythm = 'at-once', lang = 'da' }: { rhythm?: Rhythm; lang?: 'da' | 'en' } = {},
): Promise<string> {
  const { db } = database.owner;
  const keys = keysOf(testKey, address);
  const id = randomUUID();
  await db
    .insertInto('subscription')
    .values({ id, address, address_key: keys.address, mailbox_key: keys.mailbox, lang, rhythm, created_at: testNow, confirmed_at: testNow })
    .execute();
  for (const { kind, value } of choices)
    await sql`
      insert into subscription_choice (subscription_id, kind, value, query, confirmed, asked_at)
      values (${id}, ${kind}, ${value}, ${kind === 'words' ? sql`alert_query(${wordsIn(value)}::text[])` : null}, true, ${testNow})`.execute(db);
  return id;
}
