import fs from 'node:fs';
import { byteOrderMark, decoded, encodingWithoutMark, UndecodableText } from '../../../platform/reading/encoding.ts';
import { readXml, XmlFault } from '../../../platform/reading/xml.ts';
import { type Finding, Unfit } from '../finding.ts';
import { textReader } from '../words/reader.ts';
import { readAt } from './bytes.ts';

const headBytes = 1_000_000;
/** How files of other kinds begin that hold no NUL, or not at once. */
const otherKinds = ['%pdf', 'pk\x03\x04', '{\\rtf', '<!doctype', '<html', '<script', '<svg', '<?xml', '<?php', '#!/'];

/** Text and CSV: throws Unfit('not-the-kind') on anything that is no text in UTF-8 or Windows-1252; else tells what its words came to. */
export async function checkPlainText(place: string): Promise<Finding> {
  const file = fs.openSync(place, 'r');
  const head = readAt(file, 0, headBytes);
  fs.closeSync(file);
  const mark = byteOrderMark(head);
  const content = head.subarray(mark?.length ?? 0);
  const beginning = content.toString('latin1', 0, 200).trimStart().toLowerCase();
  if (mark?.encoding.startsWith('utf-16') || otherKinds.some((start) => beginning.startsWith(start))) throw new Unfit('not-the-kind');
  const encoding = mark?.encoding ?? encodingWithoutMark(content, head.length < headBytes);

  const words = textReader();
  const bytes = fs.createReadStream(place, { start: mark?.length ?? 0 }) as AsyncIterable<Buffer>;
  try {
    for await (const text of decoded(bytes, encoding)) {
      // TextDecoder gives the five bytes that Windows-1252 leaves open as control characters.
      if (/[\0\x81\x8d\x8f\x90\x9d]/.test(text)) throw new Unfit('not-the-kind');
      words.add(text);
    }
  } catch (error) {
    throw error instanceof UndecodableText ? new Unfit('not-the-kind') : error;
  }
  return words.finish();
}

/** XML: throws Unfit when it is not well-formed or declares entities. */
export async function checkXml(place: string): Promise<Finding> {
  const words = textReader();
  try {
    await readXml(fs.createReadStream(place), { open: () => words.add(' '), text: (text) => words.add(text) }, headBytes);
  } catch (error) {
    if (error instanceof XmlFault) throw new Unfit(error.code === 'document-type' ? 'xml-entities' : 'unreadable', { cause: error });
    throw error;
  }
  return words.finish();
}
