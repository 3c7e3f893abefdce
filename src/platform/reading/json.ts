import { setImmediate } from 'node:timers/promises';

/** Why a text is refused though others might read it. */
export type JsonFault = 'not-json' | 'too-deep' | 'too-many-parts' | 'key-twice';

export type ReadJson = { readonly value: unknown } | { readonly fault: JsonFault; readonly place: string };

interface Limits {
  /** Objects and lists within each other. */
  readonly depth: number;
  /** Objects and lists altogether: each takes more memory than its two characters. */
  readonly parts: number;
}

/** An object, by the keys that it has so far, or a list; and the key or the number of what is being read in it. */
interface Open {
  readonly keys: Set<string> | null;
  at: string | number;
  awaitsKey: boolean;
}

/** Reads JSON that a stranger wrote. A key that comes twice is refused, since readers differ in which of the two they take. Others get the processor in between. */
export async function readJson(text: string, limits: Limits): Promise<ReadJson> {
  await setImmediate();
  const fault = faultIn(text, limits);
  if (fault) return fault;
  await setImmediate();
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { fault: 'not-json', place: '' };
  }
}

/** Looks through the text without building anything; what is no JSON at all is left to the parser. */
function faultIn(text: string, { depth, parts }: Limits): Exclude<ReadJson, { value: unknown }> | null {
  const open: Open[] = [];
  let seen = 0;
  for (let at = 0; at < text.length; at += 1) {
    const top = open.at(-1);
    switch (text[at]) {
      case '{':
      case '[': {
        seen += 1;
        if (open.length === depth) return { fault: 'too-deep', place: placeOf(open) };
        if (seen > parts) return { fault: 'too-many-parts', place: '' };
        const isObject = text[at] === '{';
        open.push({ keys: isObject ? new Set() : null, at: isObject ? '' : 0, awaitsKey: isObject });
        break;
      }
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        if (top?.keys) top.awaitsKey = true;
        else if (top) top.at = Number(top.at) + 1;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (top?.keys && top.awaitsKey) {
          const key = unescaped(text.slice(at, end + 1));
          top.at = key;
          top.awaitsKey = false;
          if (top.keys.has(key)) return { fault: 'key-twice', place: placeOf(open) };
          top.keys.add(key);
        }
        at = end;
      }
    }
  }
  return null;
}

/** The place of the quotation mark that ends a string; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

function unescaped(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}

/** Such as lines[3].antal, the keys shortened. */
function placeOf(open: readonly Open[]): string {
  return pathText(open.map(({ at }) => at));
}

/** A way into a JSON value as programmers write it. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part).slice(0, 60)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, 200);
}
