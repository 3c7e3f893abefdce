import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { guessesPerAddress, logIn } from '../../src/identity/log-in.ts';
import { hashPassword, passwordMatches } from '../../src/identity/password.ts';
import { seal, unseal } from '../../src/identity/sealed.ts';
import { absoluteLimit, idleLimit } from '../../src/identity/sessions.ts';
import { testApp } from '../support/database.ts';
import { demoPassword } from '../support/known.ts';

const email = 'leverandoer@demo.example';

async function door() {
  const app = await testApp();
  const { db } = app.database.owner;
  const enter = (password = demoPassword, { as = email, address = '10.0.0.1', cameWith = null as string | null } = {}) =>
    logIn(app.db, app.sessions, { email: as, password }, { address, cameWith });
  return { app, db, enter };
}

describe('a session', () => {
  test('is known to the database by the hash of its token only', async () => {
    const { db, enter } = await door();
    const token = await enter();
    const rows = await db.selectFrom('session').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.id).toBe(createHash('sha256').update(token).digest('hex'));
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test('gets a new id at every log-in, and the one that the browser came with ends', async () => {
    const { app, enter } = await door();
    const first = await enter();
    const second = await enter(demoPassword, { cameWith: first });
    expect(second).not.toBe(first);
    expect(await app.sessions.accountOf(first)).toBeNull();
    expect(await app.sessions.accountOf(second)).toMatchObject({ email });
  });

  test('ends after half an hour without a request', async () => {
    const { app, db, enter } = await door();
    const token = await enter();
    const row = await db.selectFrom('session').select('expires_at').executeTakeFirstOrThrow();
    expect(Math.abs(row.expires_at.getTime() - Date.now() - idleLimit)).toBeLessThan(5_000);
    await db
      .updateTable('session')
      .set({ expires_at: new Date(Date.now() - 1) })
      .execute();
    expect(await app.sessions.accountOf(token)).toBeNull();
  });

  test('is prolonged by use, but never past twelve hours', async () => {
    const { app, db, enter } = await door();
    const token = await enter();
    await db
      .updateTable('session')
      .set({ expires_at: new Date(Date.now() + idleLimit / 3) })
      .execute();
    expect(await app.sessions.accountOf(token)).not.toBeNull();
    const row = await db.selectFrom('session').select('expires_at').executeTakeFirstOrThrow();
    expect(row.expires_at.getTime()).toBeGreaterThan(Date.now() + idleLimit - 5_000);
    await db
      .updateTable('session')
      .set({ created_at: new Date(Date.now() - absoluteLimit - 1) })
      .execute();
    expect(await app.sessions.accountOf(token)).toBeNull();
    expect(await db.selectFrom('session').selectAll().execute()).toEqual([]);
  });

  test('of a disabled account opens nothing from the next request on', async () => {
    const { app, db, enter } = await door();
    const token = await enter();
    await db.updateTable('account').set({ disabled_at: new Date() }).where('email', '=', email).execute();
    expect(await app.sessions.accountOf(token)).toBeNull();
    await expect(enter()).rejects.toMatchObject({ code: 'wrong-log-in' });
  });
});

describe('guessing', () => {
  test('ten guesses at an account in a quarter of an hour reach the verifier, the eleventh does not, even if right', async () => {
    const { enter } = await door();
    for (let guess = 0; guess < 10; guess += 1) await expect(enter('forkert')).rejects.toMatchObject({ code: 'wrong-log-in' });
    await expect(enter()).rejects.toMatchObject({ code: 'too-many-guesses' });
    await expect(enter(demoPassword, { as: 'kollega@demo.example', address: '10.0.0.2' })).resolves.toBeTypeOf('string');
  });

  test('fifty guesses at the same moment count as fifty', async () => {
    const { enter } = await door();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => enter('forkert')));
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'in'));
    expect(codes.filter((code) => code === 'wrong-log-in').length).toBeLessThanOrEqual(10);
    expect(codes).not.toContain('in');
  });

  test('one address may try many accounts only a hundred times', async () => {
    const { db, enter } = await door();
    await db
      .insertInto('log_in_guess')
      .values({ key: 'address:10.0.0.9', window_starts_at: new Date(Math.floor(Date.now() / 900_000) * 900_000), count: guessesPerAddress })
      .execute();
    await expect(enter(demoPassword, { address: '10.0.0.9' })).rejects.toMatchObject({ code: 'too-many-guesses' });
  });

  test('nobody gets in when the count cannot be written', async () => {
    const { db, enter } = await door();
    await db.schema.alterTable('log_in_guess').renameTo('gone').execute();
    await expect(enter()).rejects.toThrow(/log_in_guess/);
    expect(await db.selectFrom('session').selectAll().execute()).toEqual([]);
  });
});

describe('passwords', () => {
  test('are Argon2id hashes, used exactly as typed', async () => {
    const stored = await hashPassword('pæn sætning 🔑 ');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwordMatches('pæn sætning 🔑 ', stored)).toBe(true);
    expect(await passwordMatches('pæn sætning 🔑', stored)).toBe(false);
    expect(await hashPassword('ens')).not.toBe(await hashPassword('ens'));
  });
});

describe('a sealed parcel', () => {
  const key = 'x'.repeat(40);
  test('opens for its key and purpose only, and not when a bit is changed', () => {
    const parcel = seal(key, 'a', { n: 1 });
    expect(unseal(key, 'a', parcel)).toEqual({ n: 1 });
    expect(unseal(key, 'b', parcel)).toBeNull();
    expect(unseal('y'.repeat(40), 'a', parcel)).toBeNull();
    for (let at = 0; at < parcel.length; at += 7) {
      const changed = parcel.slice(0, at) + (parcel[at] === 'A' ? 'B' : 'A') + parcel.slice(at + 1);
      expect(unseal(key, 'a', changed)).toBeNull();
    }
    expect(unseal(key, 'a', '')).toBeNull();
  });
});
