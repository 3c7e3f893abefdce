import { describe, expect, test } from 'vitest';
import { winnersOf } from '../../src/tenders/eforms/award.ts';
import { type Notice, textIn } from '../../src/tenders/eforms/notice.ts';
import { readBuilt as read, readXml, ren } from './built-notices.ts';
import { buildNotice, type LotToBuild, type NoticeToBuild, noticeId, type ResultToBuild } from './notice-builder.ts';

const lotOf = (lot: LotToBuild): Notice['lots'][number] | undefined => read({ lots: [lot] }).lots[0];

describe('every family', () => {
  test.each([
    ...['1', '2', '3', '4', '5', '6', '7', '8', '9', 'E2', 'T01'].map((code) => [code, 'planning']),
    ...['10', '11', '12', '13', '14', 'CEI', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24', 'E3'].map((code) => [code, 'competition']),
    ...['25', '26', '27', '28'].map((code) => [code, 'direct-award']),
    ...['29', '30', '31', '32', '33', '34', '35', '36', '37', 'E4', 'T02'].map((code) => [code, 'result']),
    ...['38', '39', '40', 'E6'].map((code) => [code, 'modification']),
    ['E1', 'consultation'],
    ['E5', 'completion'],
  ])('%s is %s', (subtype, kind) => {
    const result: ResultToBuild = { lots: [{ lot: 'LOT-0001', winners: [{ members: [ren], value: '100' }] }] };
    const notice = read({ subtype, ...(/result|direct|modif|compl/.test(kind) ? { result } : {}) });
    expect([notice.kind, notice.subtype, notice.buyers.length, notice.organisations[0]?.cvr]).toEqual([kind, subtype, 1, '13585628']);
  });

  test('a planning notice has parts and no lots; its date is kept', () => {
    const notice = read({ subtype: '5', planned: '2027-03-01Z', lots: [{ nuts: ['DK012'] }, {}] });
    expect([notice.plannedPublication, notice.procedureId, notice.lots.length, notice.parts.map(({ id }) => id)]).toEqual(['2027-03-01', undefined, 0, ['PAR-0001', 'PAR-0002']]);
  });

  test('a change names its notice, its reasons and each changed section; a correction does not cancel', () => {
    const changes = [
      { description: 'Ny frist', sections: ['LOT-0001', 'LOT-0002'] },
      { description: 'Nyt bilag', sections: ['LOT-0002'], documentsChangedOn: '2026-11-20+01:00' },
    ];
    const notice = read({ change: { notice: `${noticeId(7)}-02`, reasons: ['update-add', 'cor-buy'], changes } });
    expect(notice.change).toEqual({
      notice: `${noticeId(7)}-02`,
      noticeId: noticeId(7),
      noticeVersion: '02',
      reasons: [
        { code: 'update-add', text: { DAN: 'Derfor' } },
        { code: 'cor-buy', text: { DAN: 'Derfor' } },
      ],
      changes: [
        { description: { DAN: 'Ny frist' }, sections: ['LOT-0001', 'LOT-0002'] },
        { description: { DAN: 'Nyt bilag' }, sections: ['LOT-0002'], documentsChanged: true, documentsChangedOn: '2026-11-20' },
      ],
    });
    expect(notice.cancelled).toBeUndefined();
    expect(read({ change: { notice: '123456-2026', reasons: ['cancel'] } })).toMatchObject({ cancelled: 'cancel', change: { noticeId: '123456-2026' } });
    expect(read({ change: { notice: '123456-2026', reasons: ['cor-buy', 'cancel-intent'] } }).cancelled).toBe('cancel-intent');
  });

  test('a procedure that ended without a winner says why', () => {
    const notice = read({ subtype: '29', result: { lots: [{ lot: 'LOT-0001', chosen: 'clos-nw', reason: 'no-rece', received: { tenders: '0' } }] } });
    expect(notice.result?.lotResults[0]).toMatchObject({ winnerChosen: 'clos-nw', notAwardedReason: 'no-rece', received: [{ type: 'tenders', count: '0' }] });
    expect(winnersOf(notice)).toEqual([]);
  });

  test('a contract modification, also one without results per lot', () => {
    const xml = buildNotice({
      subtype: '38',
      modification: {
        notice: '342558-2026',
        contract: 'CON-0001',
        reason: 'add-wss',
        text: { DAN: 'Flere skoler', ENG: 'More schools' },
        description: 'To skoler til',
        sections: ['CON-0001'],
      },
      result: { lots: [{ lot: 'LOT-0001', winners: [{ members: [ren], value: '1200000.50', contract: '2026-17', concluded: '2026-01-31Z' }] }] },
    });
    const notice = readXml(xml.replace(/<efac:LotResult>.*<\/efac:LotResult>/s, ''));
    expect(notice.modifications).toEqual([
      {
        previousNotice: '342558-2026',
        contract: 'CON-0001',
        reasons: [{ code: 'add-wss', text: { DAN: 'Flere skoler', ENG: 'More schools' } }],
        changes: [{ description: { DAN: 'To skoler til' }, sections: ['CON-0001'] }],
      },
    ]);
    for (const each of [notice, readXml(xml)])
      expect(winnersOf(each)).toMatchObject([{ lot: 'LOT-0001', contract: { number: '2026-17', concluded: '2026-01-31' }, members: [{ cvr: '24256790' }] }]);
  });
});

describe('lots', () => {
  test('every deadline and term of a lot comes from its own place', () => {
    const lot = lotOf({
      deadline: ['2027-01-15+01:00', '12:00:00+01:00'],
      requestDeadline: ['2026-12-15+01:00', '10:00:00+01:00'],
      questionDeadline: ['2027-01-05+01:00'],
      opening: ['2027-01-15+01:00', '13:00:00+01:00'],
      start: '2027-03-01+01:00',
      end: '2029-02-28+01:00',
      maxRenewals: '2',
      framework: 'fa-w-rc',
      dynamicSystem: 'none',
      maximum: '9000000',
      value: ['800000', 'EUR'],
      nuts: ['DK012', 'DK021'],
      city: 'Solby',
      documentsUrl: 'https://udbud.example/d?a=1&b=2',
      submissionUrl: 'https://udbud.example/t',
      marks: { 'environmental-impact': ['circ-econ', 'other'], 'gpp-criteria': ['eu'], 'social-objective': ['opp'], 'contract-nature': ['supplies'], accessibility: ['inc'] },
      reserved: 'res-ws',
      suitableForSmall: true,
      criteria: [
        { type: 'price', name: 'Pris', weight: '40' },
        { type: 'quality', name: { DAN: 'Kvalitet', ENG: 'Quality' }, weight: '60' },
      ],
      reviewBody: 'ORG-0001',
      terms: '<cac:Language><cbc:ID>DAN</cbc:ID></cac:Language><cac:Language><cbc:ID>ENG</cbc:ID></cac:Language>',
      process: '<cac:InvitationSubmissionPeriod><cbc:StartDate>2026-12-20+01:00</cbc:StartDate></cac:InvitationSubmissionPeriod>',
    });
    expect(lot).toMatchObject({
      tenderDeadline: { at: '2027-01-15T11:00:00.000Z', date: '2027-01-15', time: '12:00:00+01:00', assumed: [] },
      requestDeadline: { at: '2026-12-15T09:00:00.000Z' },
      questionDeadline: { at: '2027-01-05T22:59:59.000Z', assumed: ['time'] },
      opening: { at: '2027-01-15T12:00:00.000Z' },
      invitations: '2026-12-20',
      period: { start: '2027-03-01', end: '2029-02-28' },
      maxRenewals: '2',
      framework: 'fa-w-rc',
      dynamicSystem: 'none',
      maximum: { amount: '9000000', currency: 'DKK', ore: 900_000_000 },
      value: { amount: '800000', currency: 'EUR' },
      documentsUrl: 'https://udbud.example/d?a=1&b=2',
      submissionUrl: 'https://udbud.example/t',
      green: ['circ-econ', 'other'],
      greenCriteria: ['eu'],
      social: ['opp'],
      innovative: [],
      otherNatures: ['supplies'],
      nature: 'services',
      accessibility: 'inc',
      reserved: ['res-ws'],
      suitableForSmall: true,
      tenderLanguages: ['DAN', 'ENG'],
      reviewBodies: ['ORG-0001'],
      awardCriteria: [
        { type: 'price', name: { DAN: 'Pris' }, numbers: [{ kind: 'weight', meaning: 'per-exa', value: '40' }] },
        { type: 'quality', name: { DAN: 'Kvalitet', ENG: 'Quality' }, numbers: [{ kind: 'weight', meaning: 'per-exa', value: '60' }] },
      ],
    });
    expect(lot?.places.map(({ nuts, city }) => [nuts, city])).toEqual([
      ['DK012', 'Solby'],
      ['DK021', 'Solby'],
    ]);
    expect(lot?.value).not.toHaveProperty('ore');
  });

  test('lots, groups and their members are kept apart, and each lot has its own framework and purchasing system', () => {
    const lots: LotToBuild[] = [{ framework: 'fa-wo-rc' }, { dynamicSystem: 'dps-nlist' }, { id: 'GLO-0001', scheme: 'LotsGroup' }];
    const notice = read({ lots, groups: { 'GLO-0001': ['LOT-0001', 'LOT-0002'] } });
    expect(notice.lots.map(({ id, framework, dynamicSystem }) => [id, framework, dynamicSystem])).toEqual([
      ['LOT-0001', 'fa-wo-rc', undefined],
      ['LOT-0002', undefined, 'dps-nlist'],
    ]);
    expect([notice.groups.map(({ id }) => id), notice.procedure.groups]).toEqual([['GLO-0001'], [{ id: 'GLO-0001', lots: ['LOT-0001', 'LOT-0002'] }]]);
  });

  test.each<[string, readonly [string, string?], string, string[]]>([
    ['no offset in winter: Danish time', ['2027-01-15', '12:00:00'], '2027-01-15T11:00:00.000Z', ['zone']],
    ['no offset in summer: Danish time', ['2027-07-15', '12:00:00'], '2027-07-15T10:00:00.000Z', ['zone']],
    ['no time and no offset: the end of the Danish day', ['2027-07-15'], '2027-07-15T21:59:59.000Z', ['time', 'zone']],
    ['an hour that clocks skip', ['2027-03-28', '02:30:00'], '2027-03-28T01:30:00.000Z', ['zone']],
    ['an hour that clocks show twice: the first', ['2027-10-31', '02:30:00'], '2027-10-31T00:30:00.000Z', ['zone']],
    ['the time’s offset before the date’s', ['2027-01-15+01:00', '12:00:00Z'], '2027-01-15T12:00:00.000Z', []],
    ['the date’s offset where the time has none', ['2027-01-15-05:00', '12:00:00'], '2027-01-15T17:00:00.000Z', []],
    ['fractions of a second', ['2027-01-15Z', '12:00:00.123Z'], '2027-01-15T12:00:00.000Z', []],
  ])('a deadline with %s', (_name, deadline, at, assumed) => {
    expect(lotOf({ deadline })?.tenderDeadline).toMatchObject({ at, assumed, date: deadline[0].slice(0, 10) });
  });

  test('amounts are kept as written; øre only where nothing is lost', () => {
    const ore = (value: string): [string | undefined, number | undefined] => {
      const amount = read({ value }).procedure.value;
      return [amount?.amount, amount?.ore];
    };
    expect(['1234567.8', '0.1', '1000.005', '1000.500', '90071992547409.92', '100'].map(ore)).toEqual([
      ['1234567.8', 123_456_780],
      ['0.1', 10],
      ['1000.005', undefined],
      ['1000.500', 100_050],
      ['90071992547409.92', undefined],
      ['100', 10_000],
    ]);
  });
});

describe('words and names', () => {
  test('the reader’s language first, then the other of the two, then the notice’s own', () => {
    const notice = read({ language: 'DEU', title: { DEU: 'Reinigung', DAN: 'Rengøring', ENG: 'Cleaning', FRA: 'Nettoyage' } });
    expect(notice.procedure.title && [textIn(notice.procedure.title, 'da'), textIn(notice.procedure.title, 'en')]).toEqual([
      { text: 'Rengøring', lang: 'DAN' },
      { text: 'Cleaning', lang: 'ENG' },
    ]);
    expect([textIn({ ENG: 'a', FRA: 'b' }, 'da'), textIn({ FRA: 'b', DAN: 'c' }, 'en'), textIn({ FRA: 'b', DEU: 'd' }, 'da', 'DEU'), textIn({ FRA: 'b' }, 'da')]).toEqual([
      { text: 'a', lang: 'ENG' },
      { text: 'c', lang: 'DAN' },
      { text: 'd', lang: 'DEU' },
      { text: 'b', lang: 'FRA' },
    ]);
  });

  test('other prefixes, inner declarations, CDATA and character references read the same', () => {
    const notice: NoticeToBuild = { title: 'Ren & fin', lots: [{ deadline: ['2027-01-15Z', '12:00:00Z'], framework: 'none' }] };
    const plain = buildNotice(notice);
    const variants = [
      plain.replaceAll(/(<\/?)cbc:/g, '$1b:').replace('xmlns:cbc', 'xmlns:b'),
      plain
        .replace(/(<\/?)ContractNotice/g, '$1n:ContractNotice')
        .replace('xmlns=', 'xmlns:n=')
        .replace(/<\/ContractNotice>/, '</n:ContractNotice>'),
      plain
        .replace(/ xmlns:efac="[^"]*"/, '')
        .replaceAll(/<efac:(NoticeSubType|Organizations)>/g, '<efac:$1 xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1">'),
      plain
        .replace(/ xmlns:cbc="([^"]*)"/, '')
        .replaceAll(/<cbc:(\w+)([^>]*)>([^<]*)<\/cbc:\w+>/g, '<$1 xmlns="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"$2>$3</$1>'),
      plain.replace('Ren &amp; fin', '<![CDATA[Ren & fin]]>'),
      plain.replace('Ren &amp; fin', 'R<!-- -->&#101;n &#x26; fin'),
    ];
    for (const variant of variants) {
      expect(variant).not.toBe(plain);
      expect(readXml(variant)).toEqual(readXml(plain));
    }
  });

  test('text without a language has the notice’s; a language that is none does no harm', () => {
    const xml = buildNotice({ title: 'Titel' });
    expect(readXml(xml.replace('<cbc:Name languageID="DAN">Titel', '<cbc:Name>Titel')).procedure.title).toEqual({ DAN: 'Titel' });
    expect(readXml(xml.replace('<cbc:Name languageID="DAN">Titel', '<cbc:Name languageID="__proto__">Titel')).procedure.title).toEqual({ DAN: 'Titel' });
  });
});
