import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { addDays, clockFrom, dateOf, daysBetween } from '../../src/platform/clock.ts';
import { readConfig, SettingError } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';

describe('the clock', () => {
  test('an instant stands still, a duration shifts, anything else is refused', () => {
    expect(clockFrom('2026-11-23T09:00:00+01:00').now().toISOString()).toBe('2026-11-23T08:00:00.000Z');
    expect(clockFrom('+P3DT2H').now().getTime() - Date.now()).toBeGreaterThan(3.08 * 86_400_000 - 1000);
    expect(clockFrom('-PT30M').now().getTime() - Date.now()).toBeLessThan(-29 * 60_000);
    expect(() => clockFrom('i morgen')).toThrow(RangeError);
  });

  test('the day in Denmark changes at Danish midnight, in winter, in summer, and on the days when the hour changes', () => {
    expect(dateOf(new Date('2026-11-22T22:59:59Z'))).toBe('2026-11-22');
    expect(dateOf(new Date('2026-11-22T23:00:00Z'))).toBe('2026-11-23');
    expect(dateOf(new Date('2026-06-30T22:00:00Z'))).toBe('2026-07-01');
    expect(dateOf(new Date('2027-03-27T23:00:00Z'))).toBe('2027-03-28');
    expect(dateOf(new Date('2027-03-28T22:00:00Z'))).toBe('2027-03-29');
    expect(dateOf(new Date('2027-10-31T22:59:59Z'))).toBe('2027-10-31');
  });

  test('counts days over leap days and hour changes', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(daysBetween('2027-03-27', '2027-03-29')).toBe(2);
    expect(daysBetween('2026-11-23', '2026-11-14')).toBe(-9);
  });
});

describe('settings', () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'portal-config-'));
  const read = (env: Record<string, string>) => readConfig({ DATA_DIR: dir, ...env });

  test('without any, it is a demonstration with secrets of its own that stay the same', () => {
    const first = read({});
    expect(first).toMatchObject({ demo: true, port: 4321, host: '127.0.0.1', worker: 'inline' });
    expect(read({})).toMatchObject({ demoPassword: first.demoPassword, secretKey: first.secretKey });
    expect(fs.statSync(path.join(dir, 'secret-key')).mode & 0o077).toBe(0);
  });

  test.each([
    [{ PORT: 'mange' }, 'PORT'],
    [{ SMTP_URL: 'http://x.example' }, 'SMTP_URL'],
    [{ FILES: 's3://documents' }, 'FILES'],
    [{ FILES: 's3://documents?region=eu-north-1' }, 'S3_ACCESS_KEY_ID'],
    [{ FILES: 'ftp://x' }, 'FILES'],
    [{ DATABASE_URL: 'postgres://x@y/z' }, 'SECRET_KEY'],
    [{ DATABASE_URL: 'postgres://x@y/z', SECRET_KEY: 'x'.repeat(32) }, 'SITE_URL'],
    [{ DATABASE_URL: 'postgres://x@y/z', SECRET_KEY: 'x'.repeat(32), SITE_URL: 'https://a.example', NOW: '+P1D' }, 'NOW'],
    [{ SECRET_KEY: 'kort' }, 'SECRET_KEY'],
    [{ WORKER: 'maybe' }, 'WORKER'],
    [{ RECEIPT_KEY: 'kort' }, 'RECEIPT_KEY'],
    [{ DATABASE_URL: 'postgres://x@y/z', SECRET_KEY: 'x'.repeat(32), SITE_URL: 'https://a.example', DATA_DIR: '/nowhere' }, 'RECEIPT_KEY'],
  ] as [Record<string, string>, string][])('%j is refused in one sentence that names %s', (env, name) => {
    expect(() => read(env)).toThrow(SettingError);
    expect(() => read(env)).toThrow(name);
  });

  test('the key that signs receipts is a setting, or lies in the data folder, where the demonstration makes one and nobody else reads it', () => {
    const setting = Buffer.alloc(32, 1).toString('base64');
    const outside = { DATABASE_URL: 'postgres://x@y/z', SECRET_KEY: 'x'.repeat(32), SITE_URL: 'https://a.example' };
    expect(read({ ...outside, RECEIPT_KEY: setting }).signer.keyId).toBe(read({ RECEIPT_KEY: setting }).signer.keyId);
    expect(read(outside).signer.keyId).toBe(read({}).signer.keyId);
    expect(read({}).signer.keyId).not.toBe(read({ RECEIPT_KEY: setting }).signer.keyId);
    expect(fs.statSync(path.join(dir, 'receipt-key')).mode & 0o077).toBe(0);
  });
});

test('no entry of the log can forge another', () => {
  const lines: string[] = [];
  createLog('info', (line) => lines.push(line))('info', 'request', { path: '/a\n{"level":"error"}', error: new Error('x', { cause: new Error('y') }) });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd().includes('\n')).toBe(false);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { message: 'x', cause: { message: 'y' } } });
});
