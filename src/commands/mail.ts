import { recordBounce } from '../alerts/sending/bounce.ts';
import type { Config } from '../platform/config.ts';
import { connect } from '../platform/db.ts';
import type { Log } from '../platform/log.ts';
import type { Database } from '../platform/postgres/database.ts';

const words = {
  unknown: 'No subscription has that address, and no mail that id.',
  noted: 'Noted. Mails go on until three in a row come back.',
  stopped: 'Stopped: the address is erased.',
};

/** mail bounce <address|Message-ID>: tells that a mail to a subscriber came back. Exit code 1: nobody knows it. */
export async function mailBounceCommand(config: Config, database: Database, log: Log, bounced: string, soft: boolean): Promise<number> {
  const worker = connect(database.workerUrl, log, 1);
  try {
    const isMail = /^<?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(@|$)/i.test(bounced);
    const what = isMail ? { mail: bounced } : { address: bounced, secretKey: config.secretKey };
    const outcome = await recordBounce(worker.db, what, soft ? 'soft' : 'hard', config.clock.now());
    console.log(words[outcome]);
    return outcome === 'unknown' ? 1 : 0;
  } finally {
    await worker.close();
  }
}
