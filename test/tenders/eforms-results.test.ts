import { describe, expect, test } from 'vitest';
import { winnersOf } from '../../src/tenders/eforms/award.ts';
import { cvrOf } from '../../src/tenders/eforms/organisations.ts';
import { publicNotice } from '../../src/tenders/eforms/privacy.ts';
import { blank, readBuilt as read, readXml, ren, svensk } from './built-notices.ts';
import { buildNotice, type Money, municipality, type PartyToBuild, type ResultToBuild, type WinnerToBuild } from './notice-builder.ts';

describe('organisations and results', () => {
  test('several buyers, a consortium with its leader first, subcontractors, and foreign numbers', () => {
    const joint = { name: 'Nabo Kommune', cvr: '24256790' };
    const notice = read({
      subtype: '29',
      buyers: [municipality, joint],
      result: {
        total: '3000000',
        lots: [{ lot: 'LOT-0001', received: { tenders: '4', 't-sme': '2' }, winners: [{ members: [blank, svensk], subcontractors: [ren], value: '3000000', rank: '1' }] }],
      },
    });
    expect(notice.buyers.map(({ ref, legalType }) => [ref, legalType])).toEqual([
      ['ORG-0001', 'la'],
      ['ORG-0002', 'la'],
    ]);
    expect(notice.organisations.map(({ companyId, cvr, roles }) => [companyId, cvr, roles])).toEqual([
      ['13585628', '13585628', ['buyer', 'signatory']],
      ['24256790', '24256790', ['buyer']],
      ['27355021', '27355021', ['tenderer', 'leader']],
      ['556677-8899', undefined, ['tenderer']],
      ['DK 24 25 67 90', '24256790', ['subcontractor']],
    ]);
    expect(winnersOf(notice)).toMatchObject([
      { lot: 'LOT-0001', leader: { id: 'ORG-0003' }, members: [{ id: 'ORG-0003' }, { id: 'ORG-0004' }], subcontractors: [{ id: 'ORG-0005', size: 'small' }] },
    ]);
    expect(notice.result?.parties[0]?.subcontractors).toEqual([{ ref: 'ORG-0005', mainContractors: ['ORG-0003'] }]);
  });

  test('a framework with several winners per lot, in several currencies', () => {
    const win = (member: PartyToBuild, value: Money): WinnerToBuild => ({ members: [member], value });
    const notice = read({
      subtype: '29',
      lots: [{ framework: 'fa-w-rc' }, { framework: 'fa-wo-rc' }],
      result: {
        total: ['1000000', 'EUR'],
        lots: [
          { lot: 'LOT-0001', maximum: '8000000', reestimated: '7000000', winners: [win(ren, '100'), win(blank, ['20', 'EUR'])] },
          { lot: 'LOT-0002', winners: [win(ren, '300')] },
        ],
      },
    });
    expect(winnersOf(notice).map(({ lot, members, tender }) => [lot, members[0]?.cvr, tender.value?.amount, tender.value?.currency])).toEqual([
      ['LOT-0001', '24256790', '100', 'DKK'],
      ['LOT-0001', '27355021', '20', 'EUR'],
      ['LOT-0002', '24256790', '300', 'DKK'],
    ]);
    expect(notice.result).toMatchObject({ total: { currency: 'EUR' }, lotResults: [{ frameworkMaximum: { ore: 800_000_000 }, frameworkReestimated: { ore: 700_000_000 } }, {}] });
  });

  test('a contract for several lots is won once in each; a tender for a group of lots counts for every lot that its contract is named in', () => {
    const winners: WinnerToBuild[] = [{ members: [ren], value: '100' }];
    const xml = buildNotice({
      subtype: '29',
      lots: [{}, {}],
      groups: { 'GLO-0001': ['LOT-0001', 'LOT-0002'] },
      result: {
        lots: [
          { lot: 'LOT-0001', winners },
          { lot: 'LOT-0002', winners },
        ],
      },
    });
    const oneContract = xml
      .replace(/<efac:SettledContract><cbc:ID>CON-0002<\/cbc:ID><cac:.*/, '')
      .replaceAll('CON-0002', 'CON-0001')
      .replace('</efac:SettledContract>\n', '<efac:LotTender><cbc:ID>TEN-0002</cbc:ID></efac:LotTender></efac:SettledContract>\n');
    const won = (of: string): unknown => winnersOf(readXml(of)).map(({ lot, contract, tender }) => [lot, contract?.id, tender.id]);
    expect(won(oneContract)).toEqual([
      ['LOT-0001', 'CON-0001', 'TEN-0001'],
      ['LOT-0002', 'CON-0001', 'TEN-0002'],
    ]);
    const group = oneContract
      .replace(/(<\/efac:TenderingParty><efac:TenderLot><cbc:ID schemeName="Lot">)LOT-0001/, '$1GLO-0001')
      .replace(/<efac:LotTender><cbc:ID>TEN-0002<\/cbc:ID><\/efac:LotTender>(<\/efac:Set)/, '$1');
    expect(won(group)).toEqual([
      ['LOT-0001', 'CON-0001', 'TEN-0001'],
      ['LOT-0002', 'CON-0001', 'TEN-0001'],
    ]);
  });

  test('complainants and requests for review are counted apart', () => {
    const counted = (list: string, code: string, count: number): string =>
      `<efac:AppealRequestsStatistics><efbc:StatisticsCode listName="${list}">${code}</efbc:StatisticsCode><efbc:StatisticsNumeric>${count}</efbc:StatisticsNumeric></efac:AppealRequestsStatistics>`;
    const xml = buildNotice({ subtype: '29', result: { lots: [{ lot: 'LOT-0001' }] } });
    const statistics = counted('review-type', 'complainants', 2) + counted('irregularity-type', 'unj-chg', 1);
    expect(readXml(xml.replace('<efac:TenderLot>', `${statistics}<efac:TenderLot>`)).result?.lotResults[0]).toMatchObject({
      complainants: [{ type: 'complainants', count: '2' }],
      reviewRequests: [{ type: 'unj-chg', count: '1' }],
      received: [],
    });
  });

  test.each([
    ['13585628', 'DNK', '13585628'],
    ['DK 13 58 56 28', 'DNK', '13585628'],
    ['DK13585628', 'SWE', '13585628'],
    ['CVR-nr. 13 58 56 28', undefined, '13585628'],
    ['13585628', 'NOR', undefined],
    ['135856281', 'DNK', undefined],
    ['not available', 'DNK', undefined],
    ['n/a', 'DNK', undefined],
    ['ukendt', 'DNK', undefined],
  ])('%s of %s', (written, country, cvr) => {
    expect(cvrOf(written, country)).toBe(cvr);
  });
});

describe('what is kept back', () => {
  const until = '2027-06-01+02:00';
  const kept = read({
    subtype: '29',
    lots: [{ criteria: [{ type: 'price', name: 'Pris', weight: '100', withheld: [{ field: 'awa-cri-nam' }] }] }, {}],
    process: '<cbc:Description languageID="DAN">Forløbet</cbc:Description>',
    result: {
      total: '500',
      withheld: [{ field: 'not-val', until }],
      lots: [
        { lot: 'LOT-0001', received: { tenders: '3' }, winners: [{ members: [ren], value: '200', rank: '1', withheld: [{ field: 'win-ten-val', until }] }] },
        { lot: 'LOT-0002', winners: [{ members: [blank], value: '300', rank: '1' }] },
      ],
    },
  });
  const shown = (today: string): unknown[] => {
    const { result, lots, withheld } = publicNotice(kept, today);
    return [result?.total?.amount, result?.tenders.map(({ value }) => value?.amount), lots[0]?.awardCriteria[0]?.name, withheld.map(({ field }) => field)];
  };

  test('is shown from its day on, and without a day never; what stands beside it is shown', () => {
    const before = [undefined, [undefined, '300'], undefined, ['BT-161', 'BT-720', 'BT-734']];
    expect(shown('2027-05-31')).toEqual(before);
    expect(shown('2027-06-01')).toEqual(['500', ['200', '300'], undefined, ['BT-734']]);
    expect(shown('2099-01-01')).toEqual(['500', ['200', '300'], undefined, ['BT-734']]);
    expect(publicNotice(kept, '2027-05-31').withheld[1]).toEqual({
      field: 'BT-720',
      until: '2027-06-01',
      reason: 'eo-int',
      text: { DAN: 'Forretningshemmelighed' },
      beside: ['result', 'tenders', 0],
      at: [['result', 'tenders', 0, 'value']],
    });
    expect(JSON.stringify(winnersOf(publicNotice(kept, '2027-05-31')))).not.toContain('"200"');
    expect(kept.result?.total?.amount).toBe('500');
  });

  test('is the whole result where one mark for the notice names groups of data, as from SDK 1.16 on', () => {
    const mark = `<efac:NoticeInformationNondisclosure><efbc:InformationDisclosureDate>${until}</efbc:InformationDisclosureDate></efac:NoticeInformationNondisclosure>`;
    const xml = buildNotice({
      subtype: '29',
      sdk: '1.16',
      lots: [{ criteria: [{ type: 'price', name: 'Pris' }] }],
      result: { lots: [{ lot: 'LOT-0001', winners: [{ members: [ren], value: '200' }] }] },
    });
    const marked = readXml(xml.replace('<efac:NoticeResult>', `${mark}<efac:NoticeResult>`));
    const before = publicNotice(marked, '2027-05-31');
    expect([before.result, before.procedure.type, before.lots[0]?.awardCriteria, winnersOf(before), before.procedure.title]).toEqual([
      undefined,
      undefined,
      [{ numbers: [] }],
      [],
      { DAN: 'Rengøring af skoler' },
    ]);
    expect(publicNotice(marked, '2027-06-01')).toEqual({ ...marked, withheld: [] });
  });

  test('is everything beside a mark that nobody knows, and every such field when a mark stands where it does not belong', () => {
    const result = (withheld: { field: string }[]): ResultToBuild => ({
      total: '500',
      lots: [
        {
          lot: 'LOT-0001',
          winners: [
            { members: [ren], value: '200', rank: '1', withheld },
            { members: [blank], value: '300', rank: '2' },
          ],
        },
      ],
    });
    const tendersOf = (field: string): unknown => {
      const { result: shownResult } = publicNotice(read({ subtype: '29', result: result([{ field }]) }), '2027-01-01');
      return [shownResult?.total?.amount, shownResult?.lotResults[0]?.winnerChosen, shownResult?.tenders.map(({ value, rank }) => [value?.amount, rank])];
    };
    expect(tendersOf('new-code')).toEqual([
      '500',
      'selec-w',
      [
        [undefined, undefined],
        ['300', '2'],
      ],
    ]);
    expect(tendersOf('win-cho')).toEqual([
      '500',
      undefined,
      [
        ['200', '1'],
        ['300', '2'],
      ],
    ]);
    expect(tendersOf('not-val')).toEqual([
      undefined,
      'selec-w',
      [
        ['200', '1'],
        ['300', '2'],
      ],
    ]);
    expect(tendersOf('ten-ran')).toEqual([
      '500',
      'selec-w',
      [
        ['200', undefined],
        ['300', '2'],
      ],
    ]);
    expect(tendersOf('constructor')).toEqual([
      '500',
      'selec-w',
      [
        [undefined, undefined],
        ['300', '2'],
      ],
    ]);
  });
});
