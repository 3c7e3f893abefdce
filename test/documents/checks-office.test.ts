import { deflateRawSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import type { FileKind } from '../../src/documents/kind.ts';
import { xlsxStream } from '../../src/spreadsheet/write.ts';
import { check, mostMemory, outcome } from './checking.ts';
import { docxParts, type Part, relation, relationsPart, typesPart, xlsxParts, zip } from './made-zip.ts';

const docx = (...more: Part[]): Buffer => zip(docxParts(['Hej'], more));
const xlsx = (...more: Part[]): Buffer => zip(xlsxParts(['Hej'], more));
const related = (...relations: string[]): Part => ({ name: 'word/_rels/document.xml.rels', data: relationsPart(...relations) });
const document = (inside: string, before = ''): Part => ({ name: 'word/document.xml', data: `${before}<w:document xmlns:w="w"><w:body>${inside}</w:body></w:document>` });
const ole = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
const zeros = (count: number): Buffer => Buffer.alloc(count);

describe.concurrent('a container that is not sound is refused by what is wrong with it', () => {
  test.for<[string, FileKind, string, Buffer]>([
    ['a part that leads outside', 'docx', 'zip-outside', docx({ name: '../../etc/passwd', data: 'a' })],
    ['a part with an absolute name', 'docx', 'zip-outside', docx({ name: '/etc/passwd', data: 'a' })],
    ['a part with the name of a drive', 'docx', 'zip-outside', docx({ name: 'C:\\a.txt', data: 'a' })],
    ['a link to another file', 'docx', 'zip-link', docx({ name: 'word/a.xml', data: '/etc/passwd', mode: 0o120777 })],
    ['two parts of one name', 'docx', 'zip-twice', zip([...docxParts(['Hej']), { name: 'word/Document.xml', data: '<a/>' }])],
    ['two parts that share their bytes', 'docx', 'zip-overlap', zip([...docxParts(['Hej']), { name: 'word/b.xml', data: '<w:styles xmlns:w="w"/>', sharesWith: 4 }])],
    ['a part with another name in its own header', 'docx', 'hidden-content', docx({ name: 'word/a.xml', data: '<a/>', localName: 'word/b.exe' })],
    ['a part that the directory leaves out', 'docx', 'hidden-content', docx({ name: 'word/a.xml', data: '<a/>', isHidden: true }, { name: 'word/b.xml', data: '<a/>' })],
    ['bytes between the parts', 'docx', 'hidden-content', docx({ name: 'word/a.xml', data: '<a/>', gap: zeros(100) })],
    ['more bytes than it says', 'docx', 'zip-other-bytes', docx({ name: 'word/media/a.png', data: zeros(50_000), claimedSize: 100 })],
    ['other bytes than it says', 'docx', 'zip-other-bytes', docx({ name: 'word/media/a.png', data: 'abcd', packed: deflateRawSync(Buffer.from('abce')) })],
    ['a part under a password', 'docx', 'password', docx({ name: 'word/a.xml', data: '<a/>', isEncrypted: true })],
    ['a workbook under a password', 'xlsx', 'password', Buffer.concat([ole, Buffer.from('EncryptedPackage', 'utf16le')])],
    ['a document of Word before 2007', 'docx', 'not-the-kind', ole],
    ['three thousand parts', 'xlsx', 'zip-too-many-parts', xlsx(...Array.from({ length: 3_000 }, (_, index) => ({ name: `xl/a${index}.xml`, data: '<a/>' })))],
    ['a zip file inside', 'docx', 'zip-nested', docx({ name: 'word/media/a.png', data: zip([{ name: 'a', data: 'a' }]) })],
    ['a packed file inside', 'docx', 'zip-nested', docx({ name: 'word/media/a.emz', data: Buffer.from('1f8b0800', 'hex') })],
    ['a zip of something else', 'docx', 'zip-incomplete', zip([{ name: 'a.txt', data: 'a' }])],
    ['a workbook that is called a document', 'docx', 'zip-incomplete', xlsx()],
    ['a file that is cut off', 'docx', 'unreadable', docx().subarray(0, 800)],
    ['XML that is none', 'docx', 'unreadable', docx(document('<w:p>'))],
    ['a text file that is called a document', 'docx', 'not-the-kind', Buffer.from('Hej')],
  ])('%s', async ([, kind, reason, bytes], { expect: expects }) => {
    expects(await check(kind, bytes)).toMatchObject({ verdict: 'refused', reason });
  });
});

describe.concurrent('a Word or Excel file that can act or fetch is refused', () => {
  const laughs = Array.from({ length: 10 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join('');
  test.for<[string, FileKind, string, Buffer]>([
    ['macros', 'docx', 'macros', docx({ name: 'word/vbaProject.bin', data: ole })],
    ['macros under another name', 'docx', 'macros', docx(related(relation('a', 'vbaProject', 'a.bin')), { name: 'word/a.bin', data: 'a' })],
    [
      'macros by their type',
      'xlsx',
      'macros',
      xlsx({ name: '[Content_Types].xml', data: typesPart('xl/workbook.xml', '<Override PartName="/a" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>') }),
    ],
    ['macros of Excel 4', 'xlsx', 'macros', xlsx({ name: 'xl/macrosheets/sheet1.xml', data: '<a/>' })],
    [
      'a template elsewhere',
      'docx',
      'external-content',
      docx({ name: 'word/_rels/settings.xml.rels', data: relationsPart(relation('a', 'attachedTemplate', 'https://example.dk/a.dotm', 'External')) }),
    ],
    ['a template here', 'docx', 'external-content', docx({ name: 'word/_rels/settings.xml.rels', data: relationsPart(relation('a', 'attachedTemplate', 'a.dotm')) })],
    ['a picture elsewhere', 'docx', 'external-content', docx(related(relation('a', 'image', 'https://example.dk/a.png', 'External')))],
    ['a picture elsewhere, the word spelt with an entity', 'docx', 'external-content', docx(related(relation('a', 'image', 'https://example.dk/a.png', '&#69;xternal')))],
    [
      'a workbook elsewhere',
      'xlsx',
      'external-content',
      xlsx({ name: 'xl/externalLinks/_rels/externalLink1.xml.rels', data: relationsPart(relation('a', 'externalLinkPath', 'file:///C:/a.xlsx', 'External')) }),
    ],
    ['an object elsewhere', 'docx', 'external-content', docx(related(relation('a', 'oleObject', 'https://example.dk/a', 'External')))],
    ['a page of HTML for Word to read in', 'docx', 'external-content', docx(related(relation('a', 'aFChunk', 'a.html')))],
    [
      'a field that starts a program',
      'docx',
      'external-content',
      docx(document('<w:p><w:r><w:instrText>DDE</w:instrText></w:r><w:r><w:instrText>AUTO c:\\\\cmd.exe</w:instrText></w:r></w:p>')),
    ],
    ['a field that starts a program, in short', 'docx', 'external-content', docx(document('<w:p><w:fldSimple w:instr=" DDEAUTO cmd "/></w:p>'))],
    ['a link to a program', 'xlsx', 'external-content', xlsx({ name: 'xl/externalLinks/externalLink1.xml', data: '<externalLink><ddeLink ddeService="cmd"/></externalLink>' })],
    ['an object inside', 'docx', 'embedded-object', docx({ name: 'word/embeddings/oleObject1.bin', data: ole })],
    ['an object inside under another name', 'docx', 'embedded-object', docx({ name: 'word/media/a.png', data: ole })],
    ['a program inside', 'docx', 'embedded-object', docx({ name: 'word/media/a.png', data: 'MZ\x90\0' })],
    ['ActiveX', 'docx', 'embedded-object', docx({ name: 'word/activeX/activeX1.xml', data: '<a/>' })],
    ['a billion laughs', 'docx', 'xml-entities', docx(document('&l10;', `<!DOCTYPE w [<!ENTITY l0 "ha">${laughs}]>`))],
    ['an entity that is a file', 'xlsx', 'xml-entities', xlsx({ name: 'xl/sharedStrings.xml', data: '<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst>&e;</sst>' })],
    ['an entity in UTF-16', 'docx', 'xml-entities', docx({ name: 'word/document.xml', data: Buffer.from('\ufeff<!DOCTYPE w [<!ENTITY e "a">]><w>&e;</w>', 'utf16le') })],
  ])('%s', async ([, kind, reason, bytes], { expect: expects }) => {
    expects(await check(kind, bytes)).toMatchObject({ verdict: 'refused', reason });
  });
});

describe('a small file that unpacks to a huge one is refused within 300 MB', () => {
  const packedZeros = deflateRawSync(zeros(300_000_000));
  const lying = (claimedSize: number): Buffer => docx({ name: 'word/media/a.png', data: zeros(0), packed: packedZeros, claimedSize });
  const cell = Buffer.concat([Buffer.from('<worksheet><sheetData><row><c><v>'), Buffer.alloc(150_000_000, 'x'), Buffer.from('</v></c></row></sheetData></worksheet>')]);
  test.each([
    ['300 MB in one part', 'zip-too-large', 'docx', docx({ name: 'word/media/a.png', data: zeros(300_000_000) })],
    ['300 MB that say they are 1 MB', 'zip-other-bytes', 'docx', lying(1_000_000)],
    ['three parts of 90 MB', 'zip-too-large', 'docx', docx(...[1, 2, 3].map((each) => ({ name: `word/media/${each}.png`, data: zeros(90_000_000) })))],
    ['a part of more than 200 times its packed size', 'zip-too-large', 'docx', docx({ name: 'word/media/a.png', data: zeros(20_000_000) })],
    ['a cell of 150 MB', 'zip-too-large', 'xlsx', xlsx({ name: 'xl/worksheets/sheet1.xml', data: cell })],
    ['a cell of 9 MB', 'zip-too-large', 'xlsx', xlsx({ name: 'xl/worksheets/sheet1.xml', data: Buffer.concat([cell.subarray(0, 9_000_000), cell.subarray(-40)]) })],
  ] as const)('%s', async (_name, reason, kind, bytes) => {
    expect(bytes.length).toBeLessThan(1_000_000);
    const { result, mostMb } = await mostMemory(() => outcome(kind, bytes));
    expect(result).toBe(reason);
    expect(mostMb).toBeGreaterThan(30);
    expect(mostMb).toBeLessThan(300);
  });
});

describe.concurrent('an honest Word or Excel file passes', () => {
  test.for<[string, FileKind, () => Buffer | Promise<Buffer>]>([
    ['a document', 'docx', () => docx()],
    ['a document of Word on the web', 'docx', () => zip(docxParts(['Hej']).map((part) => (part.name === 'word/document.xml' ? { ...part, name: 'word/document2.xml' } : part)))],
    [
      'a document with a field, a picture and a link',
      'docx',
      () => docx(document('<w:p><w:fldSimple w:instr=" PAGE "/><w:r><w:t>LINK til DDE</w:t></w:r></w:p>'), { name: 'word/media/a.png', data: '\x89PNG' }),
    ],
    ['a workbook', 'xlsx', () => xlsx()],
    [
      'a workbook with boxes to tick and settings of a printer',
      'xlsx',
      () => xlsx({ name: 'xl/ctrlProps/ctrlProp1.xml', data: '<formControlPr/>' }, { name: 'xl/printerSettings/printerSettings1.bin', data: Buffer.alloc(200, 3) }),
    ],
    [
      'a workbook that this site writes',
      'xlsx',
      async () => Buffer.concat(await Array.fromAsync(xlsxStream(['nr'], [[1], [2]], { sheet: 'Ark' }) as unknown as AsyncIterable<Uint8Array>)),
    ],
    ['a workbook that another library zips', 'xlsx', () => Buffer.from(zipSync(Object.fromEntries(xlsxParts(['Hej']).map(({ name, data }) => [name, strToU8(String(data))]))))],
  ])('%s', async ([, kind, make], { expect: expects }) => {
    expects(await check(kind, await make())).toEqual({ verdict: 'clean', reason: null, mentionsCpr: false });
  });
});
