import { SaxesParser } from 'saxes';
import { byteOrderMark, decoded, UndecodableText } from '../csv/encoding.ts';
import { UnreadableSheet } from '../sheet.ts';

/** What to do with the parts of an XML document. Names come without their namespace prefix. */
export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

const deepest = 64;

/**
 * Reads XML piece by piece and never holds more than `longest` characters between two tags: longer is 'cell-too-long'.
 * A document type, and with it every declaration of entities, is 'broken', and so is XML that is not well-formed.
 * Yields after each piece, so that what the handlers gathered can be handed on.
 */
export async function* parseXml(bytes: AsyncIterable<Buffer>, handlers: XmlHandlers, longest: number): AsyncGenerator<void> {
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  let depth = 0;
  let sinceTag = 0;
  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0;
    depth += 1;
    if (depth > deepest) throw new UnreadableSheet('broken');
    handlers.open(withoutPrefix(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    sinceTag = 0;
    depth -= 1;
    handlers.close?.(withoutPrefix(name));
  });
  if (handlers.text) {
    const text = handlers.text.bind(handlers);
    parser.on('text', text);
    parser.on('cdata', text);
  }
  parser.on('doctype', () => {
    throw new UnreadableSheet('broken');
  });

  try {
    for await (const text of decodedXml(bytes)) {
      sinceTag += text.length;
      parser.write(text);
      if (sinceTag > longest) throw new UnreadableSheet('cell-too-long');
      yield;
    }
    parser.close();
  } catch (error) {
    if (error instanceof UnreadableSheet) throw error;
    throw new UnreadableSheet('broken', null, { cause: error });
  }
}

/** Reads a whole document of which the handlers keep what they need. */
export async function readXml(bytes: AsyncIterable<Buffer>, handlers: XmlHandlers, longest: number): Promise<void> {
  for await (const _ of parseXml(bytes, handlers, longest));
}

/** The attribute of that name, with whatever prefix. */
export function attribute(attributes: Readonly<Record<string, string>>, name: string): string | undefined {
  return attributes[name] ?? Object.entries(attributes).find(([key]) => key.endsWith(`:${name}`))?.[1];
}

function withoutPrefix(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

async function* decodedXml(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const mark = byteOrderMark(first.value);
  const rest = {
    async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
      yield first.value.subarray(mark?.length ?? 0);
      for await (const chunk of { [Symbol.asyncIterator]: () => iterator }) yield chunk;
    },
  };
  try {
    yield* decoded(rest, mark?.encoding ?? 'utf-8');
  } catch (error) {
    if (error instanceof UndecodableText) throw new UnreadableSheet('broken');
    throw error;
  }
}
