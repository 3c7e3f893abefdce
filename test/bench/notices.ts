import path from 'node:path';
import { SaxesParser } from 'saxes';
import { catalogueOf } from '../../src/content/catalogue.ts';
import { filesOnDisk } from '../../src/platform/files/disk.ts';
import { readNotice } from '../../src/tenders/eforms/read.ts';
import { receiveNotice } from '../../src/tenders/notices/receive.ts';
import { tellFollowers } from '../../src/tenders/tell.ts';
import { buildNotice, noticeId } from '../tenders/notice-builder.ts';
import { withDatabase } from './database.ts';
import { titleWords } from './generator.ts';
import { machine, table } from './measure.ts';

/** 10,000 notices brought in, each in its own transaction: a contract notice, then a change of it, beside merely parsing the same XML with the same library. */
export async function notices(): Promise<void> {
  const count = Number(process.env['BENCH_NOTICES'] ?? 10_000);
  const words = titleWords(count / 2);
  const xml = Array.from({ length: count }, (_, index) => {
    const procedure = Math.floor(index / 2);
    const isChange = index % 2 === 1;
    const title = (words[procedure] ?? []).join(' og ');
    return buildNotice({
      procedureId: noticeId(1_000_000 + procedure),
      id: noticeId(2_000_000 + index),
      title: { DAN: title, ENG: title },
      dispatched: [isChange ? '2026-11-20+01:00' : '2026-11-02+01:00', '10:00:00+01:00'],
      lots: [{ id: 'LOT-0001', title: { DAN: title }, deadline: [isChange ? '2027-01-15+01:00' : '2026-12-18+01:00', '12:00:00+01:00'] }],
      ...(isChange && { change: { notice: `${noticeId(2_000_000 + index - 1)}-01`, reasons: ['update-add'] } }),
    });
  });
  const rate = (work: (text: string) => void): number => {
    const startedAt = performance.now();
    for (const text of xml) work(text);
    return (count / (performance.now() - startedAt)) * 1_000;
  };
  const parsing = rate((text) => void new SaxesParser({ xmlns: true, position: true }).write(text).close());
  const reading = rate((text) => void readNotice(Buffer.from(text)));

  await withDatabase(async ({ folder, as, content }) => {
    const { db } = as('owner');
    const now = new Date('2026-11-23T09:00:00Z');
    const receiving = {
      catalogue: catalogueOf(content),
      now,
      by: null,
      byName: 'bench',
      files: filesOnDisk(path.join(folder, 'files')),
      cvr: '13585628',
      anyBuyer: false,
      today: '2026-11-23',
      tell: tellFollowers,
    };
    const idle = process.memoryUsage().rss;
    let most = 0;
    const startedAt = performance.now();
    for (const [index, text] of xml.entries()) {
      const done = await db.transaction().execute((tx) => receiveNotice(tx, { name: `${index}.xml`, bytes: Buffer.from(text) }, receiving));
      if (done.kind !== 'taken') throw new Error(JSON.stringify(done));
      if (index % 100 === 0) most = Math.max(most, process.memoryUsage().rss);
    }
    const receivingRate = (count / (performance.now() - startedAt)) * 1_000;
    const tenders = await db
      .selectFrom('tender')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirst();
    console.log(`\nnotices: ${machine()}; ${count} notices of ${Math.round(xml.reduce((sum, text) => sum + text.length, 0) / count / 100) / 10} kB became ${tenders?.n} tenders`);
    table(
      ['notices', 'a second', 'of parsing'],
      [
        ['parsed by saxes, nothing done', Math.round(parsing), '1.00'],
        ['read and checked', Math.round(reading), (reading / parsing).toFixed(2)],
        ['brought in: stored, tender told anew, version, followers told', Math.round(receivingRate), (receivingRate / parsing).toFixed(3)],
      ],
    );
    console.log(`Memory above idle at most ${Math.round((most - idle) / 2 ** 20)} MB.`);
  });
}
