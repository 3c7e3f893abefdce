import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { type Limits, type Row, type SheetFault, type SheetName, UnreadableSheet } from '../sheet.ts';
import { sharedStrings } from './shared-strings.ts';
import { mergedRanges, sheetRows } from './sheet.ts';
import { cellStyles } from './values.ts';
import { attribute, readXml, type XmlHandlers } from './xml.ts';
import { stretch, unpacked, type ZipPart, zipParts } from './zip.ts';

export interface Xlsx {
  /** Worksheets in the order of their tabs; sheets that hold only a chart are left out. */
  readonly sheets: readonly SheetName[];
  /** The rows of one worksheet: the named one, else the first that is not hidden. Throws UnreadableSheet, 'no-such-sheet' when it is not there. */
  rows(sheet: string | undefined): AsyncGenerator<Row>;
  /** The first merged ranges of that worksheet, at most `most`. */
  mergedRanges(sheet: string | undefined, most: number): Promise<readonly string[]>;
}

interface Worksheet extends SheetName {
  readonly part: string;
}

/** What one part says about another, by its id. */
type Relations = ReadonlyMap<string, { readonly kind: string; readonly target: string }>;

const longestMarkup = 1_000_000;

/** Opens a workbook; its macros are never looked at. Throws UnreadableSheet when it is none, or protected by a password. */
export async function openXlsx(file: string, limits: Limits): Promise<Xlsx> {
  const handle = await fs.open(file, 'r');
  await refuseOthers(handle);
  const parts = await zipParts(handle);
  const bytes = (part: ZipPart): AsyncGenerator<Buffer> => unpacked(handle, part, limits.uncompressedBytes);
  const named = (name: string): ZipPart => found(parts.get(name.toLowerCase()), 'broken');
  const read = async (name: string, handlers: XmlHandlers): Promise<void> => readXml(bytes(named(name)), handlers, longestMarkup);

  const top = await relationsOf('', parts, read);
  const workbookPart = found(
    top.values().find(({ kind }) => kind === 'officeDocument'),
    'not-a-spreadsheet',
  ).target;
  if (!workbookPart.endsWith('.xml')) throw new UnreadableSheet('not-a-spreadsheet');
  const relations = await relationsOf(workbookPart, parts, read);
  const { sheets, isFrom1904 } = await readWorkbook(workbookPart, relations, read);
  const partOf = (kind: string): string | undefined => relations.values().find((each) => each.kind === kind)?.target;
  const chosen = (sheet: string | undefined): Worksheet => {
    if (sheet === undefined)
      return found(
        sheets.find(({ hidden }) => !hidden),
        'empty',
      );
    return found(
      sheets.find(({ name }) => name === sheet),
      'no-such-sheet',
    );
  };

  return {
    sheets: sheets.map(({ name, hidden }) => ({ name, hidden })),
    async *rows(sheet) {
      const { part } = chosen(sheet);
      const strings = sharedStrings(limits);
      const styles = cellStyles();
      const [stringsPart, stylesPart] = [partOf('sharedStrings'), partOf('styles')];
      if (stringsPart) await readXml(bytes(named(stringsPart)), strings.handlers, longestMarkup + 10 * limits.cellLength);
      if (stylesPart) await read(stylesPart, styles.handlers);
      yield* sheetRows(bytes(named(part)), { strings, styles: styles.styles, isFrom1904 }, limits);
    },
    mergedRanges: (sheet, most) => mergedRanges(bytes(named(chosen(sheet).part)), limits, most),
  };
}

async function readWorkbook(part: string, relations: Relations, read: Reader): Promise<{ sheets: Worksheet[]; isFrom1904: boolean }> {
  const sheets: Worksheet[] = [];
  let isFrom1904 = false;
  let root: string | undefined;
  await read(part, {
    open(name, attributes) {
      root ??= name;
      if (name === 'workbookPr') isFrom1904 = ['1', 'true', 'on'].includes(attributes['date1904'] ?? '');
      if (name !== 'sheet') return;
      const relation = relations.get(attribute(attributes, 'id') ?? '');
      if (relation?.kind === 'worksheet') sheets.push({ name: attributes['name'] ?? '', hidden: (attributes['state'] ?? 'visible') !== 'visible', part: relation.target });
    },
  });
  if (root !== 'workbook') throw new UnreadableSheet('not-a-spreadsheet');
  return { sheets, isFrom1904 };
}

type Reader = (part: string, handlers: XmlHandlers) => Promise<void>;

/** The relations of a part, those of the whole file for ''; none where they are not written down. */
async function relationsOf(part: string, parts: ReadonlyMap<string, ZipPart>, read: Reader): Promise<Relations> {
  const folder = path.posix.dirname(`/${part}`);
  const file = path.posix.join(folder, '_rels', `${path.posix.basename(part)}.rels`).slice(1);
  const relations = new Map<string, { kind: string; target: string }>();
  if (!parts.has(file.toLowerCase())) return relations;
  await read(file, {
    open(name, { Id, Type, Target, TargetMode }) {
      if (name !== 'Relationship' || !Id || !Type || !Target || TargetMode === 'External') return;
      relations.set(Id, { kind: path.posix.basename(Type), target: path.posix.resolve(folder, Target).slice(1) });
    },
  });
  return relations;
}

/** Throws unless the file begins as a zip does. */
async function refuseOthers(file: FileHandle): Promise<void> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
  if (bytesRead === 0) throw new UnreadableSheet('empty');
  const magic = buffer.toString('latin1', 0, 4);
  if (magic === '\xd0\xcf\x11\xe0') throw new UnreadableSheet((await holds(file, Buffer.from('EncryptedPackage', 'utf16le'))) ? 'encrypted' : 'old-excel');
  if (!magic.startsWith('PK')) throw new UnreadableSheet('not-a-spreadsheet');
}

async function holds(file: FileHandle, wanted: Buffer): Promise<boolean> {
  let before: Buffer = Buffer.alloc(0);
  for await (const chunk of stretch(file, 0, (await file.stat()).size)) {
    const piece = Buffer.concat([before, chunk]);
    if (piece.includes(wanted)) return true;
    before = piece.subarray(-wanted.length);
  }
  return false;
}

function found<T>(value: T | undefined, otherwise: SheetFault): T {
  if (value === undefined) throw new UnreadableSheet(otherwise);
  return value;
}
