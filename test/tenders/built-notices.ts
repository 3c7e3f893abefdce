import { faultText } from '../../src/tenders/eforms/messages.ts';
import type { Notice } from '../../src/tenders/eforms/notice.ts';
import { readNotice } from '../../src/tenders/eforms/read.ts';
import { buildNotice, type NoticeToBuild } from './notice-builder.ts';

/** Reads what must be readable: a fault is an error that says it in words. */
export function readXml(xml: string): Notice {
  const read = readNotice(Buffer.from(xml));
  if (!read.ok) throw new Error(read.faults.map((fault) => faultText(fault, 'en')).join('\n'));
  return read.notice;
}

export const readBuilt = (notice: NoticeToBuild = {}): Notice => readXml(buildNotice(notice));
export const ren = { name: 'Ren Skole ApS', cvr: 'DK 24 25 67 90', size: 'small' };
export const blank = { name: 'Blank A/S', cvr: '27355021', size: 'large' };
export const svensk = { name: 'Städ AB', cvr: '556677-8899', country: 'SWE' };
