import { type JsonFault, readJson } from '../../platform/reading/json.ts';

export type JsonBodyFault = JsonFault | 'too-large' | 'not-utf8' | 'not-whole';

/** A body of JSON in bytes, and how many objects and lists it may hold: each line is one. */
const mostBytes = 20_000_000;
const limits = { depth: 8, parts: 200_000 };

/** Reads a body of JSON into memory. What is longer is read to its end and thrown away, since programs listen only when they have said all. */
export async function readJsonBody(request: Request): Promise<{ readonly value: unknown } | { readonly fault: JsonBodyFault; readonly place: string }> {
  const fault = (code: JsonBodyFault) => ({ fault: code, place: '' });
  const parts: Uint8Array[] = [];
  let seen = 0;
  try {
    for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      seen += part.length;
      if (seen <= mostBytes) parts.push(part);
      else parts.length = 0;
    }
  } catch {
    return fault('not-whole');
  }
  if (seen > mostBytes) return fault('too-large');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    return fault('not-utf8');
  }
  return readJson(text, limits);
}
