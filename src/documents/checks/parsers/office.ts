import fs, { type FileHandle } from 'node:fs/promises';
import { readXml, XmlFault, type XmlFaultCode, type XmlHandlers } from '../../../platform/reading/xml.ts';
import { headerOf, unpacked, ZipFault, type ZipFaultCode, type ZipPart, zipParts } from '../../../platform/reading/zip.ts';
import { type Finding, type RefusedReason, Unfit } from '../finding.ts';
import { type TextReader, textReader } from '../words/reader.ts';
import { contentTypes, relations, textOf } from './office-parts.ts';

/** ASVS 5.0 5.2.3: unpacked bytes and parts are bounded before anything is unpacked, and again while it is. */
const limits = { parts: 2_000, totalBytes: 200_000_000, ratio: 200, ratioFrom: 10_000_000, markup: 5_000_000 } as const;

export type OfficeKind = 'docx' | 'xlsx';

/** Word on the web writes word/document2.xml. */
const required: Readonly<Record<OfficeKind, readonly RegExp[]>> = {
  docx: [/^\[content_types\]\.xml$/, /^_rels\/\.rels$/, /^word\/document\d*\.xml$/],
  xlsx: [/^\[content_types\]\.xml$/, /^_rels\/\.rels$/, /^xl\/workbook\d*\.xml$/],
};

const zipReasons: Readonly<Record<ZipFaultCode, RefusedReason>> = {
  broken: 'unreadable',
  'too-many-parts': 'zip-too-many-parts',
  'too-large': 'zip-too-large',
  encrypted: 'password',
  outside: 'zip-outside',
  twice: 'zip-twice',
  overlap: 'zip-overlap',
  'other-bytes': 'zip-other-bytes',
};

const xmlReasons: Readonly<Record<XmlFaultCode, RefusedReason>> = { broken: 'unreadable', 'too-long': 'zip-too-large', 'document-type': 'xml-entities' };

const macroPart = /(?:^|\/)(?:vbaproject|vbadata|vbaprojectsignature)[^/]*$|\.(?:bas|xlm|vbs|js|ps1)$|^xl\/(?:macrosheets|intlmacrosheets|dialogsheets)\//;
const embeddedPart = /(?:^|\/)(?:embeddings|activex)\/|(?:^|\/)oleobject[^/]*$/;
const archiveStarts = ['PK\x03\x04', 'PK\x05\x06', 'Rar!', '7z\xbc\xaf', '\x1f\x8b', 'BZh', '\xfd7zXZ', 'MSCF'];
const programStarts = ['MZ', '\x7fELF', '\xd0\xcf\x11\xe0', '#!/'];

/**
 * Reads all of a Word or Excel file: throws Unfit when its container is not sound or it holds what can act or fetch; else tells what its words came to.
 * Every part is unpacked to its end, so that what the directory claims is seen to be true.
 */
export async function checkOffice(place: string, kind: OfficeKind): Promise<Finding> {
  const file = await fs.open(place, 'r');
  try {
    const { size } = await file.stat();
    await refuseOldOffice(file);
    const parts = [...(await zipParts(file)).values()];
    refuseByDirectory(parts, kind);
    await refuseWhatHides(file, parts, size);
    const words = textReader();
    for (const part of parts) await checkPart(file, part, words);
    return words.finish();
  } catch (error) {
    if (error instanceof ZipFault) throw new Unfit(zipReasons[error.code], { cause: error });
    if (error instanceof XmlFault) throw new Unfit(xmlReasons[error.code], { cause: error });
    throw error;
  } finally {
    await file.close();
  }
}

/** Office writes a file with a password, and all files before 2007, in a container of another kind. */
async function refuseOldOffice(file: FileHandle): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
  const head = buffer.subarray(0, bytesRead);
  if (head.indexOf('\xd0\xcf\x11\xe0', 0, 'latin1') === 0) throw new Unfit(head.includes(Buffer.from('EncryptedPackage', 'utf16le')) ? 'password' : 'not-the-kind');
  if (head.indexOf('PK\x03\x04', 0, 'latin1') !== 0) throw new Unfit('not-the-kind');
}

/** What can be told without unpacking anything. */
function refuseByDirectory(parts: readonly ZipPart[], kind: OfficeKind): void {
  const names = new Set(parts.map(({ name }) => name.toLowerCase()));
  if (parts.length > limits.parts) throw new Unfit('zip-too-many-parts');
  if (parts.some(({ isEncrypted }) => isEncrypted)) throw new Unfit('password');
  if (parts.some(({ name }) => /^[/\\]|^[a-z]:|\\|\0/i.test(name))) throw new Unfit('zip-outside');
  if (parts.some(({ isLink }) => isLink)) throw new Unfit('zip-link');
  if (parts.reduce((sum, { size }) => sum + size, 0) > limits.totalBytes) throw new Unfit('zip-too-large');
  if (parts.some(({ size, packedSize }) => size > limits.ratioFrom && size > limits.ratio * packedSize)) throw new Unfit('zip-too-large');
  if (names.values().some((name) => macroPart.test(name))) throw new Unfit('macros');
  if (names.values().some((name) => embeddedPart.test(name))) throw new Unfit('embedded-object');
  if (required[kind].some((pattern) => !names.values().some((name) => pattern.test(name)))) throw new Unfit('zip-incomplete');
}

/** The room that a data descriptor of zip64 takes behind the bytes of a part. */
const descriptorBytes = 24;

/** Readers that go through the file from its beginning must see the same parts as those that begin with the directory. */
async function refuseWhatHides(file: FileHandle, parts: readonly ZipPart[], sizeBytes: number): Promise<void> {
  let end = -descriptorBytes;
  for (const part of parts.toSorted((a, b) => a.offset - b.offset)) {
    if (part.offset > end + descriptorBytes) throw new Unfit('hidden-content');
    const header = await headerOf(file, part);
    if (header.name !== part.name || header.method !== part.method) throw new Unfit('hidden-content');
    end = header.start + part.packedSize;
  }
  const { buffer } = await file.read(Buffer.alloc(Math.min(sizeBytes - end, 65_536)), 0, Math.min(sizeBytes - end, 65_536), end);
  const directory = buffer.indexOf('PK\x01\x02', 0, 'latin1');
  if (directory < 0 || directory > descriptorBytes) throw new Unfit('hidden-content');
}

async function checkPart(file: FileHandle, part: ZipPart, words: TextReader): Promise<void> {
  const name = part.name.toLowerCase();
  const bytes = refuseNested(unpacked(file, part, limits.totalBytes));
  if (!/\.(?:xml|rels)$/.test(name)) {
    for await (const _ of bytes);
    return;
  }
  const handlers: XmlHandlers = name === '[content_types].xml' ? contentTypes : name.endsWith('.rels') ? relations : textOf(words);
  await readXml(bytes, handlers, limits.markup);
  words.add('\n');
}

/** Lets the bytes of a part through unless they begin as an archive or a program. */
async function* refuseNested(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of bytes) {
    const begins = (start: string): boolean => chunk.indexOf(start, 0, 'latin1') === 0;
    if (isFirst && archiveStarts.some(begins)) throw new Unfit('zip-nested');
    if (isFirst && programStarts.some(begins)) throw new Unfit('embedded-object');
    isFirst = false;
    yield chunk;
  }
}
