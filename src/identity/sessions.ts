import { createHash, randomBytes } from 'node:crypto';
import { type Adapter, Lucia, TimeSpan } from 'lucia';
import { hours, minutes } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';

declare module 'lucia' {
  interface Register {
    Lucia: Lucia<SessionAttributes, AccountAttributes>;
    UserId: string;
    DatabaseSessionAttributes: SessionAttributes;
    DatabaseUserAttributes: AccountAttributes;
  }
}
interface SessionAttributes {
  createdAt: Date;
}
interface AccountAttributes {
  email: string;
  name: string;
}

export interface SessionAccount {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** Ends after half an hour without a request, and in any case twelve hours after log-in (ASVS 5.0 7.3.1, 7.3.2). */
export const idleLimit = minutes(30);
export const absoluteLimit = hours(12);

/** The session layer: 256-bit random tokens in the cookie, their SHA-256 in the database. */
export interface Sessions {
  /** Starts a session and returns the token for the cookie. A session that the browser came with is ended: a new id at every log-in. */
  start(accountId: string, cameWith: string | null): Promise<string>;
  /** The account behind a token, or null. Prolongs the session when half of its idle time has passed. */
  accountOf(token: string): Promise<SessionAccount | null>;
  end(token: string): Promise<void>;
}

export function sessionsIn(db: Db): Sessions {
  const lucia = new Lucia(adapterFor(db), {
    sessionExpiresIn: new TimeSpan(idleLimit, 'ms'),
    getSessionAttributes: ({ createdAt }) => ({ createdAt }),
    getUserAttributes: ({ email, name }) => ({ email, name }),
  });
  return {
    async start(accountId, cameWith) {
      if (cameWith) await lucia.invalidateSession(idOf(cameWith));
      const token = randomBytes(32).toString('base64url');
      await lucia.createSession(accountId, { createdAt: new Date() }, { sessionId: idOf(token) });
      return token;
    },
    async accountOf(token) {
      const { session, user } = await lucia.validateSession(idOf(token));
      if (!session) return null;
      if (Date.now() - session.createdAt.getTime() < absoluteLimit) return user;
      await lucia.invalidateSession(session.id);
      return null;
    },
    end: (token) => lucia.invalidateSession(idOf(token)),
  };
}

/** Lucia hands the id of the database back to delete and update, so hashing happens outside its adapter. */
function idOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function adapterFor(db: Db): Adapter {
  return {
    async getSessionAndUser(id) {
      const row = await db
        .selectFrom('session as s')
        .innerJoin('account as a', 'a.id', 's.account_id')
        .select(['s.id', 's.account_id', 's.created_at', 's.expires_at', 'a.email', 'a.name'])
        .where('s.id', '=', id)
        .where('a.disabled_at', 'is', null)
        .executeTakeFirst();
      if (!row) return [null, null];
      return [
        { id: row.id, userId: row.account_id, expiresAt: row.expires_at, attributes: { createdAt: row.created_at } },
        { id: row.account_id, attributes: { email: row.email, name: row.name } },
      ];
    },
    async getUserSessions(userId) {
      const rows = await db.selectFrom('session').selectAll().where('account_id', '=', userId).execute();
      return rows.map((row) => ({ id: row.id, userId, expiresAt: row.expires_at, attributes: { createdAt: row.created_at } }));
    },
    async setSession(session) {
      const { id, userId, expiresAt, attributes } = session;
      await db.insertInto('session').values({ id, account_id: userId, created_at: attributes.createdAt, expires_at: expiresAt }).execute();
    },
    async updateSessionExpiration(id, expiresAt) {
      await db.updateTable('session').set({ expires_at: expiresAt }).where('id', '=', id).execute();
    },
    async deleteSession(id) {
      await db.deleteFrom('session').where('id', '=', id).execute();
    },
    async deleteUserSessions(userId) {
      await db.deleteFrom('session').where('account_id', '=', userId).execute();
    },
    async deleteExpiredSessions() {
      await db.deleteFrom('session').where('expires_at', '<=', new Date()).execute();
    },
  };
}
