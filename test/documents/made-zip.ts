import { crc32, deflateRawSync } from 'node:zlib';

/** A part of a zip file, with what its two headers say of it where that is not the truth. */
export interface Part {
  readonly name: string;
  readonly data: Buffer | string;
  /** Packed already; `data` is then what it claims to be. */
  readonly packed?: Buffer;
  readonly localName?: string;
  readonly claimedSize?: number;
  readonly isEncrypted?: boolean;
  /** Upper half of the external attributes: the mode of Unix. */
  readonly mode?: number;
  /** The header of the part of that place, instead of its own. */
  readonly sharesWith?: number;
  /** Bytes between the part before and this. */
  readonly gap?: Buffer;
  /** Left out of the directory. */
  readonly isHidden?: boolean;
}

export function zip(parts: readonly Part[]): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  const put = (bytes: Buffer): void => {
    pieces.push(bytes);
    at += bytes.length;
  };
  for (const part of parts) {
    const data = Buffer.from(part.data as string);
    const packed = part.packed ?? deflateRawSync(data);
    const size = part.claimedSize ?? data.length;
    put(part.gap ?? Buffer.alloc(0));
    const offset = part.sharesWith === undefined ? at : (offsets[part.sharesWith] ?? 0);
    offsets.push(offset);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(part.isEncrypted ? 1 : 0, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size, 18);
    if (part.sharesWith === undefined) {
      const name = Buffer.from(part.localName ?? part.name);
      common.writeUInt16LE(name.length, 22);
      put(Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]));
    }
    if (part.isHidden) continue;
    const name = Buffer.from(part.name);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((part.mode ?? 0) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, rest, name]));
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...pieces, listed, Buffer.from('PK\x05\x06'), end]);
}

const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
export const relation = (id: string, kind: string, target: string, mode = ''): string =>
  `<Relationship Id="${id}" Type="${office}/${kind}" Target="${target}"${mode && ` TargetMode="${mode}"`}/>`;
export const relationsPart = (...relations: string[]): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relations.join('')}</Relationships>`;
export const typesPart = (main: string, more = ''): string =>
  `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/${main}" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>${more}</Types>`;

/** Parts of a text document; `more` replaces those of the same name and adds the others. */
export function docxParts(paragraphs: readonly string[], more: readonly Part[] = []): Part[] {
  const text = paragraphs.map((each) => `<w:p><w:r><w:t xml:space="preserve">${each}</w:t></w:r></w:p>`).join('');
  return withParts(
    [
      { name: '[Content_Types].xml', data: typesPart('word/document.xml') },
      { name: '_rels/.rels', data: relationsPart(relation('a', 'officeDocument', 'word/document.xml')) },
      { name: 'word/document.xml', data: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="w"><w:body>${text}</w:body></w:document>` },
      {
        name: 'word/_rels/document.xml.rels',
        data: relationsPart(relation('a', 'styles', 'styles.xml'), relation('b', 'hyperlink', 'https://example.dk/a', 'External')),
      },
      { name: 'word/styles.xml', data: '<w:styles xmlns:w="w"/>' },
    ],
    more,
  );
}

/** Parts of a workbook with these texts in a column. */
export function xlsxParts(cells: readonly string[], more: readonly Part[] = []): Part[] {
  return withParts(
    [
      { name: '[Content_Types].xml', data: typesPart('xl/workbook.xml') },
      { name: '_rels/.rels', data: relationsPart(relation('a', 'officeDocument', 'xl/workbook.xml')) },
      { name: 'xl/workbook.xml', data: '<workbook><sheets><sheet name="Ark1" sheetId="1"/></sheets></workbook>' },
      { name: 'xl/sharedStrings.xml', data: `<sst>${cells.map((cell) => `<si><t>${cell}</t></si>`).join('')}</sst>` },
      { name: 'xl/worksheets/sheet1.xml', data: `<worksheet><sheetData>${cells.map((_, index) => `<row><c t="s"><v>${index}</v></c></row>`).join('')}</sheetData></worksheet>` },
    ],
    more,
  );
}

function withParts(parts: readonly Part[], more: readonly Part[]): Part[] {
  const added = more.filter(({ name }) => !parts.some((part) => part.name === name));
  return [...parts.map((part) => more.find(({ name }) => name === part.name) ?? part), ...added];
}
