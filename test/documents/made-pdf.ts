import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** PDF files as people and enemies make them, written object by object. */
type Objects = Readonly<Record<number, string | Buffer>>;

export const catalog = (more = ''): string => `<< /Type /Catalog /Pages 2 0 R ${more} >>`;

/** One page, with more on it if asked for. */
export const onePage = (more = ''): Objects => ({ 2: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', 3: `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] ${more} >>` });

export function stream(dict: string, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`<< ${dict} /Length ${data.length} >>\nstream\n`, 'latin1'), data, Buffer.from('\nendstream')]);
}

/** The objects one after the other, and the plain table of where they stand. */
export function pdf(objects: Objects, { trailer = '', before = '%PDF-1.7\n' }: { trailer?: string; before?: string } = {}): Buffer {
  const { bytes, offsets, last } = written(objects, before);
  const table = Array.from({ length: last }, (_, index) => {
    const offset = offsets.get(index + 1);
    return offset === undefined ? '0000000000 65535 f \n' : `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const end = `xref\n0 ${last + 1}\n0000000000 65535 f \n${table.join('')}trailer\n<< /Size ${last + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${bytes.length}\n%%EOF\n`;
  return Buffer.concat([bytes, Buffer.from(end, 'latin1')]);
}

/** The same with some objects packed into an object stream, as most programs write them today. */
export function packedPdf(
  plain: Objects,
  packed: Readonly<Record<number, string>>,
  { pack = deflated, padding = '', trailer = '' }: { pack?: (bytes: Buffer, object: number) => { filter: string; data: Buffer }; padding?: string; trailer?: string } = {},
): Buffer {
  const last = Math.max(...[...Object.keys(plain), ...Object.keys(packed)].map(Number));
  const [holder, table] = [last + 1, last + 2];
  let head = '';
  let body = '';
  for (const [number, object] of Object.entries(packed)) {
    head += `${number} ${body.length} `;
    body += `${object} `;
  }
  const { filter, data } = pack(Buffer.from(head + body + padding, 'latin1'), holder);
  const { bytes, offsets } = written({ ...plain, [holder]: stream(`/Type /ObjStm /N ${Object.keys(packed).length} /First ${head.length} ${filter}`, data) });
  const rows = Buffer.alloc((table + 1) * 7);
  for (let number = 0; number <= table; number += 1) {
    const offset = number === table ? bytes.length : offsets.get(number);
    const place = Object.keys(packed).indexOf(String(number));
    rows[number * 7] = offset !== undefined ? 1 : place >= 0 ? 2 : 0;
    rows.writeUInt32BE(offset ?? (place >= 0 ? holder : 0), number * 7 + 1);
    rows.writeUInt16BE(offset === undefined && place >= 0 ? place : 0, number * 7 + 5);
  }
  const end = [
    Buffer.from(`${table} 0 obj\n`),
    stream(`/Type /XRef /Size ${table + 1} /W [1 4 2] /Root 1 0 R ${trailer}`, rows),
    Buffer.from(`\nendobj\nstartxref\n${bytes.length}\n%%EOF\n`),
  ];
  return Buffer.concat([bytes, ...end]);
}

const deflated = (bytes: Buffer): { filter: string; data: Buffer } => ({ filter: '/Filter /FlateDecode', data: deflateSync(bytes) });
/** 300 MB of blanks behind the content, packed twice: less than two kilobytes. */
export const deflatedBomb = (bytes: Buffer): { filter: string; data: Buffer } => ({
  filter: '/Filter [/FlateDecode /FlateDecode]',
  data: deflateSync(deflateSync(Buffer.concat([bytes, Buffer.alloc(300_000_000, ' ')]), { level: 9 }), { level: 9 }),
});

/** A page with this text in Latin letters. */
export function textPdf(lines: readonly string[], catalogMore = ''): Buffer {
  const text = (line: string): string => line.replace(/[\\()]/g, '\\$&');
  const content = `BT /F1 12 Tf 60 760 Td 16 TL ${lines.map((line) => `(${text(line)}) Tj T*`).join(' ')} ET`;
  return pdf({
    1: catalog(catalogMore),
    ...onePage('/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>'),
    4: stream('', Buffer.from(content, 'latin1')),
    5: '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  });
}

const padding = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');

/** A PDF whose object stream is encrypted (40 bits, the oldest way, which every reader knows). With a user's password nobody can open it without; with an owner's alone everybody can. */
export function encryptedPdf(packed: Readonly<Record<number, string>>, passwords: { readonly owner: string; readonly user: string }): Buffer {
  const md5 = (...parts: Buffer[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();
  const padded = (password: string): Buffer => Buffer.concat([Buffer.from(password, 'latin1'), padding]).subarray(0, 32);
  const id = Buffer.alloc(16, 7);
  const rights = Buffer.from([0xc0, 0xff, 0xff, 0xff]);
  const owner = rc4(md5(padded(passwords.owner)).subarray(0, 5), padded(passwords.user));
  const key = md5(padded(passwords.user), owner, rights, id).subarray(0, 5);
  const user = rc4(key, padding);
  const hex = (bytes: Buffer): string => `<${bytes.toString('hex')}>`;
  return packedPdf({ ...onePage(), 9: `<< /Filter /Standard /V 1 /R 2 /O ${hex(owner)} /U ${hex(user)} /P -64 >>` }, packed, {
    pack(bytes, object) {
      const data = rc4(md5(key, Buffer.from([object & 255, object >> 8, 0, 0, 0])).subarray(0, 10), deflateSync(bytes));
      return { filter: '/Filter /FlateDecode', data };
    },
    trailer: `/Encrypt 9 0 R /ID [${hex(id)} ${hex(id)}]`,
  });
}

function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Array.from({ length: 256 }, (_, index) => index);
  const swap = (a: number, b: number): void => {
    [state[a], state[b]] = [state[b] ?? 0, state[a] ?? 0];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let [i, j] = [0, 0];
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) & 255;
      j = (j + (state[i] ?? 0)) & 255;
      swap(i, j);
      return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 255] ?? 0);
    }),
  );
}

function written(objects: Objects, before = '%PDF-1.7\n'): { bytes: Buffer; offsets: Map<number, number>; last: number } {
  const parts = [Buffer.from(before, 'latin1')];
  const offsets = new Map<number, number>();
  let at = parts[0]?.length ?? 0;
  let last = 0;
  for (const [number, object] of Object.entries(objects)) {
    const part = Buffer.concat([Buffer.from(`${number} 0 obj\n`), typeof object === 'string' ? Buffer.from(object, 'latin1') : object, Buffer.from('\nendobj\n')]);
    offsets.set(Number(number), at);
    at += part.length;
    parts.push(part);
    last = Math.max(last, Number(number));
  }
  return { bytes: Buffer.concat(parts), offsets, last };
}
