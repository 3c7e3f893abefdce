import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { faultText, type NoticeFault } from '../../src/tenders/eforms/messages.ts';
import { readNotice } from '../../src/tenders/eforms/read.ts';
import { buildNotice, type NoticeToBuild, noticeId } from './notice-builder.ts';

const good = buildNotice({ title: 'Rød grød på æbler' });
const faultsOf = (file: Uint8Array | string): readonly NoticeFault[] => {
  const read = readNotice(typeof file === 'string' ? Buffer.from(file) : file);
  return read.ok ? [] : read.faults;
};
const codes = (file: Uint8Array | string): string[] => faultsOf(file).map(({ code, field }) => (field ? `${code} ${field}` : code));
const titleOf = (file: Uint8Array): string | undefined => {
  const read = readNotice(file);
  return read.ok ? read.notice.procedure.title?.['DAN'] : read.faults.map(({ code }) => code).join();
};
const declared = (encoding: string): string => good.replace('encoding="UTF-8"', `encoding="${encoding}"`);
const body = good.slice(good.indexOf('?>') + 2);
const lot = '<cac:ProcurementProjectLot>';
const nested = (depth: number): string => good.replace(lot, `${lot}${'<cac:X>'.repeat(depth)}${'</cac:X>'.repeat(depth)}`);

describe('a file that cannot be read is refused by its name, beside one that can', () => {
  test.each<[string, string | Uint8Array, string[]]>([
    ['the notice that the others are made from', good, []],
    ['nothing', '', ['empty']],
    ['white space', ' \n\t\n', ['empty']],
    ['one byte more than 20 MB', Buffer.alloc(20_000_001, 0x20), ['too-large']],
    ['20 MB of white space', Buffer.alloc(20_000_000, 0x20), ['empty']],
    ['gzip', gzipSync(good), ['compressed']],
    ['zip', zipSync({ 'notice.xml': strToU8(good) }), ['compressed']],
    ['PDF', '%PDF-1.7\n', ['pdf']],
    ['HTML', '<!DOCTYPE html>\n<html lang="da"><body>404</body></html>', ['html']],
    ['XHTML', '<?xml version="1.0"?>\n<!-- x -->\n<HTML xmlns="http://www.w3.org/1999/xhtml"/>', ['html']],
    ['JSON', '{"error": "not found"}', ['not-xml']],
    ['a document type', good.replace('?>', '?>\n<!DOCTYPE ContractNotice>'), ['doctype']],
    ['an entity from a file', good.replace('?>', '?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>').replace('Rød', '&e;'), ['doctype']],
    [
      'entities within entities',
      good.replace('?>', `?>\n<!DOCTYPE x [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`).join('')}]>`).replace('Rød', '&a30;'),
      ['doctype'],
    ],
    ['an entity that nobody declared', good.replace('Rød', '&ouml;'), ['broken-xml']],
    ['64 elements within one another', nested(62), []],
    ['65', nested(63), ['too-deep']],
    ['more than 500,000 elements', good.replace(lot, `${lot}${'<a/>'.repeat(500_001)}`), ['too-many-elements']],
    ['400,000', good.replace(lot, `${lot}${'<a/>'.repeat(400_000)}`), []],
    ['a prefix that nobody declared', good.replace(lot, `${lot}<xyz:a/>`), ['unknown-prefix']],
    ['an attribute’s prefix that nobody declared', good.replace(lot, `${lot}<a xyz:b="c"/>`), ['unknown-prefix']],
    ['a prefix of another namespace', good.replace(lot, `${lot}<xyz:a xmlns:xyz="urn:x"/>`), []],
    ['half of it', good.slice(0, good.length / 2), ['cut-off']],
    ['all but the last sign', good.slice(0, -1), ['cut-off']],
    ['tags that cross', good.replace(lot, '<cac:Wrong>'), ['broken-xml']],
    ['something after the end', `${good}<a/>`, ['broken-xml']],
    ['another root', good.replaceAll('ContractNotice', 'Invoice'), ['wrong-root']],
    ['the right root of another namespace', good.replace('xsd:ContractNotice-2', 'xsd:Order-2'), ['wrong-root']],
    ['a registration of a company', '<b:BusinessRegistrationInformationNotice xmlns:b="http://data.europa.eu/p27/x/1"/>', ['registration-notice']],
    ['NUL', good.replace('Rød', 'R\0d'), ['control-character']],
    ['a control character by number', good.replace('Rød', '&#1;'), ['broken-xml']],
  ])('%s', (_name, file, expected) => {
    expect(codes(file)).toEqual(expected);
  });

  test('a fault says its line', () => {
    expect(faultsOf(good.replace(lot, '<xyz:a/>'))).toMatchObject([{ code: 'unknown-prefix', found: 'xyz', line: good.slice(0, good.indexOf(lot)).split('\n').length }]);
  });

  test('random damage is a fault or harmless, never an exception', () => {
    const bytes = Buffer.from(good);
    let state = 1;
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    let refused = 0;
    for (let round = 0; round < 1_500; round += 1) {
      const damaged = Buffer.from(bytes);
      for (let count = 0; count <= random(4); count += 1) damaged[random(damaged.length)] = random(256);
      const read = readNotice(random(3) ? damaged : damaged.subarray(0, random(damaged.length)));
      if (!read.ok) refused += 1;
      if (!read.ok) for (const fault of read.faults) expect(faultText(fault, 'da')).not.toMatch(/[{}]|undefined/);
    }
    expect(refused).toBeGreaterThan(500);
    expect(refused).toBeLessThan(1_500);
  });
});

describe('the character set', () => {
  const title = 'Rød grød på æbler';
  const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');
  test.each<[string, Uint8Array, string | undefined]>([
    ['UTF-8', Buffer.from(good), title],
    ['UTF-8 that is not declared', Buffer.from(`<?xml version="1.0"?>${body}`), title],
    ['UTF-8 without any declaration', Buffer.from(body.trimStart()), title],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${good}`), title],
    ['UTF-16, little end first', utf16(declared('UTF-16')), title],
    ['UTF-16, big end first', utf16(declared('utf-16')).swap16(), title],
    ['ISO-8859-1', Buffer.from(declared('ISO-8859-1'), 'latin1'), title],
    ['Windows-1252', Buffer.from(declared('windows-1252').replace('Rød', 'R\x80d'), 'latin1'), 'R€d grød på æbler'],
    ['Windows-1252 that says it is UTF-8', Buffer.from(good, 'latin1'), 'encoding-mismatch'],
    ['UTF-8 that says it is ISO-8859-1', Buffer.from(declared('ISO-8859-1')), 'encoding-mismatch'],
    ['UTF-8 that says it is UTF-16', Buffer.from(declared('UTF-16')), 'encoding-mismatch'],
    ['UTF-8 with a mark that says it is ISO-8859-1', Buffer.from(`\uFEFF${declared('ISO-8859-1')}`), 'encoding-mismatch'],
    ['UTF-16 that says it is UTF-8', utf16(good), 'encoding-mismatch'],
    ['UTF-16 without a mark', utf16(declared('UTF-16')).subarray(2), 'encoding-unsupported'],
    ['half a pair of UTF-16', utf16(declared('UTF-16').replace('Rød', '\ud800')), 'encoding-mismatch'],
    ['UTF-32', Buffer.from('fffe00003c000000', 'hex'), 'encoding-unsupported'],
    ['another one', Buffer.from(declared('ISO-8859-15'), 'latin1'), 'encoding-unsupported'],
    [
      'letters cut in two',
      Buffer.concat([Buffer.from(good.slice(0, good.indexOf('ød'))), Buffer.from([0xc3]), Buffer.from(good.slice(good.indexOf('ød') + 1))]),
      'encoding-mismatch',
    ],
  ])('%s', (_name, file, expected) => {
    expect(titleOf(file)).toBe(expected);
  });
});

describe('a notice without what it must have, or with what cannot be', () => {
  const result = { lots: [{ lot: 'LOT-0001', winners: [{ members: [{ name: 'Ren ApS' }], value: '100' }] }] };
  const cases: [string, NoticeToBuild, (xml: string) => string, string[]][] = [
    ['nothing missing', {}, (xml) => xml, []],
    ['no id', {}, (xml) => xml.replace(/<cbc:ID schemeName="notice-id">[^<]*/, '<cbc:ID schemeName="notice-id">'), ['missing BT-701']],
    ['an id of another kind', { id: '../../x' }, (xml) => xml, ['format-wrong BT-701']],
    ['no version', {}, (xml) => xml.replace(/<cbc:VersionID>.*?<\/cbc:VersionID>/, ''), ['missing BT-757']],
    ['no procedure', { procedureId: null }, (xml) => xml, ['missing BT-04']],
    ['no procedure in a planning notice', { subtype: '4', procedureId: null }, (xml) => xml, []],
    ['no planned date where it is expected', { subtype: '5' }, (xml) => xml.replace(/<cbc:PlannedDate>.*?<\/cbc:PlannedDate>/, ''), ['missing BT-127']],
    ['no planned date in a buyer’s profile', { subtype: '1' }, (xml) => xml, []],
    ['no language', {}, (xml) => xml.replace(/<cbc:NoticeLanguageCode>.*?<\/cbc:NoticeLanguageCode>/, ''), ['missing BT-702']],
    ['no dispatch date', {}, (xml) => xml.replace(/<cbc:IssueDate>.*?<\/cbc:IssueDate>/, ''), ['missing BT-05']],
    ['no title', { title: {} }, (xml) => xml, ['missing BT-21']],
    ['an empty description', { description: ' ' }, (xml) => xml, ['missing BT-24']],
    ['no nature', {}, (xml) => xml.replace(/<cbc:ProcurementTypeCode[^>]*>services</g, '<cbc:ProcurementTypeCode listName="contract-nature"><'), ['missing BT-23']],
    ['a CPV code of seven digits', { cpv: '9091000' }, (xml) => xml, ['format-wrong BT-262']],
    ['no buyer', { buyers: [] }, (xml) => xml, ['missing OPT-300']],
    ['a buyer without a name', { buyers: [{ name: {} }] }, (xml) => xml, ['missing BT-500']],
    ['a buyer that is not there', {}, (xml) => xml.replace(/(<cac:Party><cac:PartyIdentification><cbc:ID>)ORG-0001/, '$1ORG-0007'), ['reference-unknown OPT-300']],
    ['no lot', { lots: [] }, (xml) => xml, ['missing BT-137']],
    ['no lot in a planning notice', { subtype: '2', lots: [] }, (xml) => xml, []],
    ['a lot without an id', { lots: [{ id: '' }] }, (xml) => xml, ['missing BT-137']],
    ['two lots of one id', { lots: [{ id: 'LOT-0001' }, { id: 'LOT-0001' }] }, (xml) => xml, ['twice BT-137']],
    ['a subtype that there is none of', { subtype: '41' }, (xml) => xml, ['subtype-unknown OPP-070']],
    ['a subtype of another root', { subtype: '29', result }, (xml) => xml.replaceAll('ContractAwardNotice', 'ContractNotice'), ['type-conflict OPP-070']],
    ['a form of another family', {}, (xml) => xml.replace('listName="competition"', 'listName="result"'), ['type-conflict BT-03']],
    ['SDK 1.9', { sdk: '1.9' }, (xml) => xml, ['sdk-too-old OPT-002']],
    ['SDK 1.10', { sdk: '1.10' }, (xml) => xml, []],
    ['a national edition of SDK 1.12', { sdk: '1.12#eforms-de-2.1' }, (xml) => xml, []],
    ['SDK 2.0', { sdk: '2.0' }, (xml) => xml, []],
    ['no SDK', { sdk: 'x' }, (xml) => xml, ['missing OPT-002']],
    ['a day that does not exist', { lots: [{ deadline: ['2027-02-30+01:00', '12:00:00+01:00'] }] }, (xml) => xml, ['date-wrong BT-131']],
    ['29 February of a leap year', { lots: [{ deadline: ['2028-02-29+01:00', '12:00:00+01:00'] }] }, (xml) => xml, []],
    ['a date with a time', { lots: [{ start: '2027-02-01T00:00:00' }] }, (xml) => xml, ['date-wrong BT-536']],
    ['an hour that does not exist', { lots: [{ deadline: ['2027-02-01+01:00', '25:00:00+01:00'] }] }, (xml) => xml, ['time-wrong BT-131']],
    ['an offset that does not exist', { lots: [{ end: '2027-02-01+15:00' }] }, (xml) => xml, ['date-wrong BT-537']],
    ['an amount in words', { value: 'en million' }, (xml) => xml, ['amount-wrong BT-27']],
    ['an amount with a decimal comma', { value: '1.500,00' }, (xml) => xml, ['amount-wrong BT-27']],
    ['an amount without a currency', { value: ['100', ''] }, (xml) => xml, ['amount-wrong BT-27']],
    ['a deadline before dispatch', { lots: [{ deadline: ['2026-11-02+01:00', '09:29:59+01:00'] }] }, (xml) => xml, ['deadline-before-dispatch BT-131']],
    ['a deadline on the day of dispatch', { lots: [{ deadline: ['2026-11-02+01:00'] }] }, (xml) => xml, []],
    ['a past deadline in a change', { lots: [{ deadline: ['2026-10-01+02:00'] }], change: { notice: `${noticeId(2)}-01`, reasons: ['cancel'] } }, (xml) => xml, []],
    ['a result without results', { subtype: '29' }, (xml) => xml, ['missing BT-142']],
    ['a result with one', { subtype: '29', result }, (xml) => xml, []],
    ['a result of a lot that is not there', { subtype: '29', result: { lots: [{ lot: 'LOT-0009' }] } }, (xml) => xml, ['reference-unknown BT-13713']],
    [
      'a winner that is not there',
      { subtype: '29', result },
      (xml) => xml.replace('<efac:Tenderer><cbc:ID>ORG-0002', '<efac:Tenderer><cbc:ID>ORG-0009'),
      ['reference-unknown OPT-300'],
    ],
  ];
  test.each(cases)('%s', (_name, notice, change, expected) => {
    expect(codes(change(buildNotice(notice)))).toEqual(expected);
  });

  test('every fault has a path, a line, a name and a sentence in both languages', () => {
    for (const [, notice, change] of cases) {
      for (const fault of faultsOf(change(buildNotice(notice)))) {
        expect(fault).toMatchObject({ path: expect.stringMatching(/^\/\w+\//), line: expect.any(Number), name: { da: expect.any(String), en: expect.any(String) } });
        expect(faultText(fault, 'da')).not.toBe(faultText(fault, 'en'));
      }
    }
    expect(faultText(faultsOf(buildNotice({ lots: [{}, { deadline: ['2027-02-30'] }] }))[0] ?? { code: 'empty' }, 'da')).toMatch(
      /^Frist for tilbud \(BT-131\): »2027-02-30« er ikke en dato, der findes\. Skriv den som 2027-03-31\. Sted: \/ContractNotice\/cac:ProcurementProjectLot\[2\]\/cac:TenderingProcess\/cac:TenderSubmissionDeadlinePeriod\/cbc:EndDate, linje \d+\.$/,
    );
  });
});
