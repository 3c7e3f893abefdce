import { isUtf8 } from 'node:buffer';
import { SaxesParser } from 'saxes';
import { byteOrderMark, decode, type Encoding } from '../../platform/reading/encoding.ts';
import type { NoticeFault } from './messages.ts';

/** Bytes of a file that is looked at; a notice with a hundred lots is a tenth of it. */
export const largest = 20_000_000;
const deepest = 64;
const most = 500_000;

/** The file cannot be read at all. Never leaves this folder. */
export class Unreadable extends Error {
  readonly fault: NoticeFault;
  constructor(fault: NoticeFault) {
    super(fault.code);
    this.fault = fault;
  }
}

/** An element of a notice. The name carries the prefix that eForms is documented with, whichever the file uses: 'cbc:ID'. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Partial<Record<AttributeName, string>>>;
  readonly children: Element[];
  /** The text between the tags, without the white space around it. */
  text: string;
  readonly parent: Element | undefined;
  /** Counted from 1. */
  readonly line: number;
}

const attributeNames = ['schemeName', 'listName', 'languageID', 'currencyID', 'unitCode'] as const;
type AttributeName = (typeof attributeNames)[number];

const ubl = 'urn:oasis:names:specification:ubl:schema:xsd:';
const prefixes = new Map([
  [`${ubl}CommonAggregateComponents-2`, 'cac:'],
  [`${ubl}CommonBasicComponents-2`, 'cbc:'],
  [`${ubl}CommonExtensionComponents-2`, 'ext:'],
  ['http://data.europa.eu/p27/eforms-ubl-extensions/1', 'efext:'],
  ['http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1', 'efac:'],
  ['http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1', 'efbc:'],
  ...['PriorInformationNotice', 'ContractNotice', 'ContractAwardNotice'].map((root) => [`${ubl}${root}-2`, ''] as const),
]);

/** The tree of a file, or Unreadable. */
export function parseFile(file: Uint8Array): Element {
  return parse(textOf(Buffer.from(file.buffer, file.byteOffset, file.byteLength)));
}

const signatures: readonly (readonly [bytes: string, code: 'compressed' | 'pdf', found: string])[] = [
  ['\x1f\x8b', 'compressed', 'gzip'],
  ['PK', 'compressed', 'zip'],
  ['BZh', 'compressed', 'bzip2'],
  ['7z\xbc\xaf', 'compressed', '7z'],
  ['\xfd7zXZ', 'compressed', 'xz'],
  ['%PDF', 'pdf', 'PDF'],
];

function textOf(file: Buffer): string {
  if (file.length > largest) throw new Unreadable({ code: 'too-large', found: `${Math.ceil(file.length / 1_000_000)} MB` });
  const head = file.toString('latin1', 0, 1_000);
  for (const [bytes, code, found] of signatures) if (head.startsWith(bytes)) throw new Unreadable({ code, found });
  const { encoding, start, declared } = encodingOf(file, head);
  const { text, faulty } = decode(file.subarray(start), encoding);
  if (faulty) throw new Unreadable({ code: 'encoding-mismatch', found: declared ?? encoding, line: lineAfter(text) });
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new Unreadable({ code: 'control-character', found: 'NUL', line: lineAfter(text.slice(0, nul)) });
  const begin = text.slice(0, 1_000).trimStart();
  if (!begin) throw new Unreadable({ code: 'empty' });
  if (/^(<\?xml[^>]*>\s*)?(<!--[^>]*-->\s*)*(<!doctype html|<html)/i.test(begin)) throw new Unreadable({ code: 'html', found: begin.slice(0, 40) });
  if (!begin.startsWith('<')) throw new Unreadable({ code: 'not-xml', found: begin.slice(0, 40) });
  return text;
}

const eightBit = /^(iso-?8859-1|iso_8859-1|latin-?1|windows-1252|cp-?1252)$/i;

function encodingOf(file: Buffer, head: string): { encoding: Encoding; start: number; declared: string | undefined } {
  if (/^(\xff\xfe\0\0|\0\0\xfe\xff)/.test(head)) throw new Unreadable({ code: 'encoding-unsupported', found: 'UTF-32' });
  const mark = byteOrderMark(file);
  if (!mark && /^(<\0|\0<)/.test(head)) throw new Unreadable({ code: 'encoding-unsupported', found: 'UTF-16, BOM –' });
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(mark ? decode(file.subarray(mark.length, 1_000), mark.encoding).text : head)?.[1];
  const fits = (pattern: RegExp): boolean => declared === undefined || pattern.test(declared);
  if (mark) {
    if (!fits(mark.encoding === 'utf-8' ? /^utf-?8$/i : /^(utf-?16(le|be)?|ucs-2)$/i)) throw new Unreadable({ code: 'encoding-mismatch', found: declared ?? '', line: 1 });
    return { encoding: mark.encoding, start: mark.length, declared };
  }
  if (fits(/^(utf-?8|us-ascii|ascii)$/i)) return { encoding: 'utf-8', start: 0, declared };
  if (!fits(eightBit)) throw new Unreadable({ code: fits(/^(utf-?16(le|be)?|ucs-2)$/i) ? 'encoding-mismatch' : 'encoding-unsupported', found: declared ?? '', line: 1 });
  // Letters that are valid UTF-8 throughout are not Latin-1 by chance: read as declared, every æ would be two wrong letters.
  if (isUtf8(file) && file.some((byte) => byte > 0x7f)) throw new Unreadable({ code: 'encoding-mismatch', found: declared ?? '', line: 1 });
  return { encoding: 'windows-1252', start: 0, declared };
}

const lineAfter = (text: string): number => text.split('\n').length;

function parse(text: string): Element {
  const parser = new SaxesParser<{ xmlns: true; position: true }>({ xmlns: true, position: true });
  let root: Element | undefined;
  let current: Element | undefined;
  let depth = 0;
  let count = 0;
  let line = 1;
  const refuse = (code: NoticeFault['code'], found?: string): never => {
    throw new Unreadable({ code, line: parser.line, ...(found === undefined ? {} : { found }) });
  };
  parser.on('doctype', () => refuse('doctype'));
  parser.on('opentagstart', () => {
    line = parser.line;
  });
  parser.on('opentag', ({ uri, local, name, attributes }) => {
    depth += 1;
    count += 1;
    if (depth > deepest) refuse('too-deep');
    if (count > most) refuse('too-many-elements');
    const known: Partial<Record<AttributeName, string>> = {};
    for (const attribute of attributeNames) {
      const value = attributes[attribute]?.value;
      if (value !== undefined) known[attribute] = value.trim();
    }
    const prefix = prefixes.get(uri);
    const element: Element = { name: prefix === undefined ? `{${uri}}${name}` : `${prefix}${local}`, attributes: known, children: [], text: '', parent: current, line };
    if (current) current.children.push(element);
    else root = checkedRoot(element, local);
    current = element;
  });
  const addText = (piece: string): void => {
    if (current) current.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    depth -= 1;
    if (!current) return;
    current.text = current.children.length > 0 ? '' : current.text.trim();
    current = current.parent;
  });
  let ended = false;
  try {
    parser.write(text);
    ended = true;
    parser.close();
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    const message = error instanceof Error ? error.message.replace(/^[\d:]+\s*/, '') : '';
    const prefix = /^unbound namespace prefix: "(.*)"/.exec(message)?.[1];
    if (prefix !== undefined) return refuse('unknown-prefix', prefix);
    return ended ? refuse('cut-off') : refuse('broken-xml', message.slice(0, 80));
  }
  return root ?? refuse('cut-off');
}

const roots = ['PriorInformationNotice', 'ContractNotice', 'ContractAwardNotice'];

function checkedRoot(element: Element, local: string): Element {
  if (roots.includes(element.name)) return element;
  if (local === 'BusinessRegistrationInformationNotice') throw new Unreadable({ code: 'registration-notice', found: local, line: element.line });
  throw new Unreadable({ code: 'wrong-root', found: local.slice(0, 80), line: element.line });
}

/** Where the extensions of eForms to UBL stand, below the root and below other elements. */
export const extension = 'ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension';

const steps = new Map<string, readonly string[]>();

function stepsOf(path: string): readonly string[] {
  const known = steps.get(path);
  if (known) return known;
  const names = path.split('/');
  steps.set(path, names);
  return names;
}

const none: readonly Element[] = [];

/** Every element at a path such as 'cac:ProcurementProject/cbc:Name', in the order of the file. */
export function all(from: Element | undefined, path: string): readonly Element[] {
  if (!from || from.children.length === 0) return none;
  let found: readonly Element[] = [from];
  for (const name of stepsOf(path)) {
    let next: Element[] | undefined;
    for (const element of found) {
      for (const child of element.children) {
        if (child.name !== name) continue;
        if (next) next.push(child);
        else next = [child];
      }
    }
    if (!next) return none;
    found = next;
  }
  return found;
}

export function first(from: Element | undefined, path: string): Element | undefined {
  return all(from, path)[0];
}

/** Such as /ContractNotice/cac:ProcurementProjectLot[2]/cbc:ID: counted where there are several. */
export function pathOf(element: Element): string {
  const { parent, name } = element;
  if (!parent) return `/${name}`;
  const alike = parent.children.filter((child) => child.name === name);
  return `${pathOf(parent)}/${name}${alike.length > 1 ? `[${alike.indexOf(element) + 1}]` : ''}`;
}
