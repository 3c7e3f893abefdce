import { describe, expect, test } from 'vitest';
import { faultText } from '../../src/tenders/eforms/messages.ts';
import type { Notice } from '../../src/tenders/eforms/notice.ts';
import { publicNotice } from '../../src/tenders/eforms/privacy.ts';
import { readNotice } from '../../src/tenders/eforms/read.ts';
import { expected, inExpectedKeys, leaves, officialFaults, sampleFile, sampleNames, samplesAreHere } from './sample-notices.ts';

const accepted = (name: string): Notice => {
  const read = readNotice(sampleFile(name));
  if (!read.ok) throw new Error(read.faults.map((fault) => faultText(fault, 'en')).join('\n'));
  return read.notice;
};
/** The number in BR-BT-00701-0036 is BT-701. */
const numberOf = (rule: string): string => rule.replace(/^BR-([A-Z]+)-0*(\d+)-\d+$/, (_, kind: string, digits: string) => `${kind}-${digits.padStart(kind === 'BT' ? 2 : 3, '0')}`);
const plainPath = (location: string): string => location.replaceAll(/\[\d+\]/g, '').replace(/^\/\w+:/, '/');

describe.skipIf(!samplesAreHere)('the official examples', () => {
  test('each valid one is read value by value; each invalid one is refused for what the official rules name too', () => {
    const table = sampleNames.map((name) => {
      const read = readNotice(sampleFile(name));
      if (!read.ok) return { notice: name, keys: 0, differences: 0, outcome: `refused: ${[...new Set(read.faults.map(({ field }) => field))].join(' ')}` };
      const [want, got] = [expected(name), inExpectedKeys(read.notice)];
      const differing = [...new Set([...want.keys(), ...got.keys()])].filter((key) => want.get(key) !== got.get(key));
      for (const key of differing) console.log(`${name}${key}: expected ${want.get(key)}, read ${got.get(key)}`);
      return { notice: name, keys: want.size, differences: differing.length, outcome: 'accepted' };
    });
    console.log(['notice | keys compared | differences | outcome', ...table.map((row) => Object.values(row).join(' | '))].join('\n'));
    expect(table).toHaveLength(16);
    expect(table.filter(({ differences }) => differences > 0)).toEqual([]);
    expect(table.filter(({ notice, outcome }) => notice.startsWith('INVALID') === (outcome === 'accepted'))).toEqual([]);
  });

  test('no reason for a refusal is our own: each is a number, or a place, in which an official rule fails', () => {
    const invalid = sampleNames.filter((name) => name.startsWith('INVALID'));
    expect(invalid).toHaveLength(3);
    for (const name of invalid) {
      const official = officialFaults(name);
      const numbers = new Set(official.map(({ id }) => numberOf(id)));
      const places = new Set(official.filter(({ id }) => id === 'element-not-empty').map(({ location }) => plainPath(location)));
      // A notice without its cac:ProcurementProject fails by that node alone.
      const nodes = official.some(({ id }) => id.startsWith('ND-ProcedureProcurementScope')) ? /\/cac:ProcurementProject\// : /^$/;
      const read = readNotice(sampleFile(name));
      const faults = read.ok ? [] : read.faults;
      expect(faults.filter(({ field = '' }) => numbers.has(field)).length).toBeGreaterThan(3);
      expect([name, faults.filter(({ field = '', path = '' }) => !numbers.has(field) && !places.has(plainPath(path)) && !nodes.test(path))]).toEqual([name, []]);
      for (const fault of faults)
        for (const lang of ['da', 'en'] as const) expect(faultText(fault, lang)).toMatch(/^.{5,}\((BT|OPP|OPT)-\d+\).*\. (Sted|Where): \/.*(linje|line) \d+\.$/);
    }
  });

  test('all 29 marks of the withheld example are found, and nothing that they mean is shown before the day', () => {
    const notice = accepted('can_25_withheld');
    expect(notice.withheld).toHaveLength(29);
    expect(notice.withheld.filter(({ field, at }) => !field || at.length === 0)).toEqual([]);
    const before = leaves(publicNotice(notice, '2024-12-30'));
    const hidden = [...leaves(notice).keys()].filter((key) => !key.startsWith('/withheld') && !before.has(key)).map((key) => key.replaceAll(/\d+/g, '*'));
    expect([...new Set(hidden)].sort()).toMatchInlineSnapshot(`
      [
        "/legalBasis/crossBorder/ENG",
        "/lots/*/awardCriteria/*/name/ENG",
        "/lots/*/awardCriteria/*/numbers/*/meaning",
        "/lots/*/awardCriteria/*/numbers/*/value",
        "/lots/*/awardCriteria/*/type",
        "/procedure/mainFeatures/ENG",
        "/procedure/type",
        "/result/lotResults/*/received/*/count",
        "/result/lotResults/*/received/*/type",
        "/result/lotResults/*/reviewRequests/*/count",
        "/result/lotResults/*/reviewRequests/*/type",
        "/result/lotResults/*/winnerChosen",
        "/result/tenders/*/origins/*/country",
        "/result/tenders/*/rank",
        "/result/tenders/*/subcontracting/*/indication",
        "/result/tenders/*/variant",
        "/result/total/amount",
        "/result/total/currency",
      ]
    `);
    expect(publicNotice(notice, '2024-12-31')).toEqual({ ...notice, withheld: [] });
  });

  test('the chain from lot to winner ends at an organisation', async () => {
    const { winnersOf } = await import('../../src/tenders/eforms/award.ts');
    expect(winnersOf(accepted('can_24_FRA_comments')).map(({ lot, contract, members }) => [lot, contract?.number, members.map(({ name }) => name)])).toEqual([
      ['LOT-0001', 'SC/ABC/234/01', [{ FRA: 'Espaces Verts Lemire' }]],
      ['LOT-0002', 'SC/DEF/124/01', [{ FRA: 'ID Verde SASU' }]],
    ]);
  });
});
