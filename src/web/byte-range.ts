import type { ByteRange } from '../platform/files/files.ts';

/**
 * The part of a file that a request asks for (RFC 9110 section 14): null for all of it, also where the header is not
 * understood or asks for several parts, as the standard lets a server do; 'unsatisfiable' where it lies past the end.
 */
export function rangeOf(header: string | null, sizeBytes: number): ByteRange | null | 'unsatisfiable' {
  const asked = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = asked ?? [];
  if (!asked || (first === '' && last === '')) return null;
  if (first === '') {
    const count = Number(last);
    return count === 0 ? 'unsatisfiable' : { start: Math.max(0, sizeBytes - count), end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= sizeBytes ? 'unsatisfiable' : { start, end };
}
