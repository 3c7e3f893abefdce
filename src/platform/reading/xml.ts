import { SaxesParser } from 'saxes';
import { byteOrderMark, decoded, UndecodableText } from './encoding.ts';

/** What is wrong with an XML document: 'too-long' between two tags; 'document-type', which declares entities; 'broken' for all else. */
export type XmlFaultCode = 'broken' | 'too-long' | 'document-type';

export class XmlFault extends Error {
  readonly code: XmlFaultCode;
  constructor(code: XmlFaultCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** What to do with the parts of an XML document. Names come without their namespace prefix. */
export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

const deepest = 64;

/**
 * Reads XML piece by piece and never holds more than `longest` characters between two tags. Yields after each piece, so that
 * what the handlers gathered can be handed on. Throws XmlFault, and whatever the handlers and `bytes` throw.
 */
export async function* parseXml(bytes: AsyncIterable<Buffer>, handlers: XmlHandlers, longest: number): AsyncGenerator<void> {
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  let depth = 0;
  let sinceTag = 0;
  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0;
    depth += 1;
    if (depth > deepest) throw new XmlFault('broken');
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
    throw new XmlFault('document-type');
  });
  parser.on('error', (cause) => {
    throw new XmlFault('broken', { cause });
  });

  for await (const text of decodedXml(bytes)) {
    sinceTag += text.length;
    parser.write(text);
    if (sinceTag > longest) throw new XmlFault('too-long');
    yield;
  }
  parser.close();
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
    if (error instanceof UndecodableText) throw new XmlFault('broken');
    throw error;
  }
}
