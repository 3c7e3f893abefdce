import pg from 'pg';
import { matchAnnouncement } from '../../src/alerts/sending/match.ts';
import { connect } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { testNow } from './known.ts';

/** The matching job, dying by SIGKILL before its n-th statement to the database. */
const [url = '', announcement = '', at = '0'] = process.argv.slice(2);
let left = Number(at);

const client = pg.Client.prototype as unknown as { query(this: unknown, ...args: unknown[]): unknown };
const query = client.query;
client.query = function (this: unknown, ...args: unknown[]) {
  left -= 1;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
  return Reflect.apply(query, this, args);
};

const name = { da: 'Fjordby Kommune', en: 'Fjordby Municipality' };
const context = { siteUrl: new URL('https://indkoeb.example'), secretKey: 'k'.repeat(32), municipality: { name, team: name, email: 'indkoeb@fjordby.example' }, categories: [] };
const { db, close } = connect(url, createLog('error'), 1);
await matchAnnouncement(db, context, announcement, testNow);
await close();
