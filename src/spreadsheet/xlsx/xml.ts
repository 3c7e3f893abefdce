import * as xml from '../../platform/reading/xml.ts';
import { XmlFault } from '../../platform/reading/xml.ts';
import { UnreadableSheet } from '../sheet.ts';

export { attribute, type XmlHandlers } from '../../platform/reading/xml.ts';

/** Reads a part of a workbook piece by piece. What is wrong with it is said as of a sheet: UnreadableSheet 'broken', or 'cell-too-long' past `longest` characters between two tags. */
export async function* parseXml(bytes: AsyncIterable<Buffer>, handlers: xml.XmlHandlers, longest: number): AsyncGenerator<void> {
  try {
    yield* xml.parseXml(bytes, handlers, longest);
  } catch (error) {
    throw error instanceof XmlFault ? new UnreadableSheet(error.code === 'too-long' ? 'cell-too-long' : 'broken', null, { cause: error }) : error;
  }
}

/** Reads a whole part of which the handlers keep what they need. Throws as parseXml does. */
export async function readXml(bytes: AsyncIterable<Buffer>, handlers: xml.XmlHandlers, longest: number): Promise<void> {
  for await (const _ of parseXml(bytes, handlers, longest));
}
