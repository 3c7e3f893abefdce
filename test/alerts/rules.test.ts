import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keysOf, maskedAddress, placeOf, readAddress, shownAddress } from '../../src/alerts/address.ts';
import { choiceFaultOf, choicesInAddress, phrasesIn } from '../../src/alerts/choices.ts';
import { subscribeLink } from '../../src/alerts/link.ts';
import { lastDue, morningOf } from '../../src/alerts/sending/rhythm.ts';
import { makeToken, readToken, withoutToken } from '../../src/alerts/token.ts';
import { testKey } from '../support/alerts.ts';
import { writtenContent } from '../support/content.ts';
import { testNow } from '../support/known.ts';

describe('an address as people type it', () => {
  test.each([
    ['anne@firma.dk', 'anne@firma.dk'],
    ['  Anne.Hansen+udbud@Firma.DK ', 'Anne.Hansen+udbud@firma.dk'],
    ['Anne Hansen <anne@firma.dk>', 'anne@firma.dk'],
    ['mailto:anne@firma.dk', 'anne@firma.dk'],
    ['anne@blåbærgrød.dk', 'anne@xn--blbrgrd-fxak7p.dk'],
    ['anne@BLÅBÆRGRØD.dk', 'anne@xn--blbrgrd-fxak7p.dk'],
    ['anne@例え.テスト', 'anne@xn--r8jz45g.xn--zckzah'],
    ["o'brien_1@sub.firma.co.uk", "o'brien_1@sub.firma.co.uk"],
  ])('%s is written to as %s', (typed, address) => {
    expect(readAddress(typed)).toEqual({ address, meant: null });
  });

  test.each([
    ['', 'address-missing'],
    ['   ', 'address-missing'],
    ['anne', 'address-no-at'],
    ['anne.firma.dk', 'address-no-at'],
    ['@firma.dk', 'address-no-at'],
    ['anne@', 'address-no-at'],
    ['anne@@firma.dk', 'address-two-ats'],
    ['anne@firma.dk, bo@firma.dk', 'address-space'],
    ['anne hansen@firma.dk', 'address-space'],
    ['anne@firma.dk\r\nBcc: alle@firma.dk', 'address-space'],
    ['an\u200bne@firma.dk', 'address-space'],
    ['anne..hansen@firma.dk', 'address-dots'],
    ['.anne@firma.dk', 'address-dots'],
    ['anne.@firma.dk', 'address-dots'],
    ['anne@firma..dk', 'address-dots'],
    ['anne@firma.dk.', 'address-dots'],
    ['søren@firma.dk', 'address-letters'],
    ['"anne"@firma.dk', 'address-letters'],
    ['anne@firma', 'address-domain'],
    ['anne@localhost', 'address-domain'],
    ['anne@192.0.2.1', 'address-domain'],
    ['anne@[192.0.2.1]', 'address-domain'],
    ['anne@-firma.dk', 'address-domain'],
    ['anne@fir_ma.dk', 'address-domain'],
    ['anne@firma.d', 'address-domain'],
    [`${'a'.repeat(65)}@firma.dk`, 'address-too-long'],
    [`anne@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.firma.dk`, 'address-too-long'],
  ])('%s is refused as %s', (typed, fault) => {
    expect(readAddress(typed)).toBe(fault);
  });

  test.each([
    ['gmial.com', 'gmail.com'],
    ['gmai.com', 'gmail.com'],
    ['gmaill.com', 'gmail.com'],
    ['gmail.con', 'gmail.com'],
    ['gmail.co', 'gmail.com'],
    ['hotmial.com', 'hotmail.com'],
    ['hotmail.dl', 'hotmail.dk'],
    ['outlok.dk', 'outlook.dk'],
  ])('at %s, %s is suggested', (domain, meant) => {
    expect(readAddress(`anne@${domain}`)).toEqual({ address: `anne@${domain}`, meant: `anne@${meant}` });
  });

  test.each(['gmail.com', 'ymail.com', 'mail.com', 'mail.dk', 'firma.dk', 'live.dk', 'hotmail.se', 'hm.com'])('at %s nothing is suggested', (domain) => {
    expect(readAddress(`anne@${domain}`)).toMatchObject({ meant: null });
  });

  test('is shown in its own letters, and masked where a link alone opens the page', () => {
    expect(shownAddress('anne@xn--blbrgrd-fxak7p.dk')).toBe('anne@blåbærgrød.dk');
    expect(maskedAddress('anne@xn--blbrgrd-fxak7p.dk')).toBe('a…@blåbærgrød.dk');
  });

  test('is known again by a hash under our key: in any case of letters, and by the mailbox it ends in', () => {
    const keys = keysOf(testKey, 'Anne@Firma.dk');
    expect(keys).toEqual(keysOf(testKey, 'anne@firma.dk'));
    expect(keysOf('another key, just as long as the first', 'anne@firma.dk').address).not.toBe(keys.address);
    const tagged = keysOf(testKey, 'anne+1@firma.dk');
    expect([tagged.address === keys.address, tagged.mailbox === keys.mailbox]).toEqual([false, true]);
    expect(keysOf(testKey, 'a.n.ne+x@googlemail.com').mailbox).toBe(keysOf(testKey, 'anne@gmail.com').mailbox);
    expect(keysOf(testKey, 'a.nne@firma.dk').mailbox).not.toBe(keys.mailbox);
  });
});

test('the place that people ask from is an IPv4 address or an IPv6 network', () => {
  expect(placeOf('192.0.2.7')).toBe('192.0.2.7');
  expect(placeOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(placeOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(placeOf('2001:0db8:0001:0002::9')).toBe('2001:db8:1:2::/64');
  expect(placeOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(placeOf('2001:db8:0:0:ffff::')).toBe('2001:db8:0:0::/64');
  expect(placeOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
});

describe('a signed link', () => {
  const id = randomUUID();
  const at = (ms: number): Date => new Date(testNow.getTime() + ms);
  const day = 86_400_000;

  test('tells the subscription to whoever holds it, for its purpose only', () => {
    for (const purpose of ['confirm', 'settings', 'unsubscribe'] as const) {
      const token = makeToken(testKey, purpose, id, testNow);
      expect(token).toMatch(/^[\w-]{48}$/);
      for (const other of ['confirm', 'settings', 'unsubscribe'] as const)
        expect(readToken(testKey, other, token, testNow)).toEqual(other === purpose ? { subscription: id } : 'forged');
    }
  });

  test('is refused when any character of it was changed, and under another key', () => {
    const token = makeToken(testKey, 'settings', id, testNow);
    for (let place = 0; place < token.length; place += 1) {
      const forged = token.slice(0, place) + (token[place] === 'A' ? 'B' : 'A') + token.slice(place + 1);
      expect([place, readToken(testKey, 'settings', forged, testNow)]).toEqual([place, 'forged']);
    }
    expect(readToken('another key, just as long as the first', 'settings', token, testNow)).toBe('forged');
    for (const odd of ['', 'x', `${token}A`, `${token}=`, token.slice(0, -1), '\0', 'ø'.repeat(48)]) expect(readToken(testKey, 'settings', odd, testNow)).toBe('forged');
  });

  test('confirms for seven days, opens the settings for a year, and unsubscribes for ever', () => {
    const read = (purpose: 'confirm' | 'settings' | 'unsubscribe', days: number) => readToken(testKey, purpose, makeToken(testKey, purpose, id, testNow), at(days * day));
    expect([read('confirm', 6.9), read('confirm', 7.1)]).toEqual([{ subscription: id }, 'expired']);
    expect([read('settings', 364), read('settings', 366)]).toEqual([{ subscription: id }, 'expired']);
    expect(read('unsubscribe', 10_000)).toEqual({ subscription: id });
  });

  test('does not stand in the log', () => {
    const token = makeToken(testKey, 'unsubscribe', id, testNow);
    expect(withoutToken(`/abonner/afmeld/${token}`)).toBe('/abonner/afmeld/…');
    expect(withoutToken('/aftaler/2024-031')).toBe('/aftaler/2024-031');
  });
});

describe('collected mails', () => {
  const due = (rhythm: 'daily' | 'weekly', now: string): string => lastDue(rhythm, new Date(now)).toISOString();

  test('are due at seven Danish time, winter and summer, on the days when the clocks are set too', () => {
    expect(morningOf('2026-11-23').toISOString()).toBe('2026-11-23T06:00:00.000Z');
    expect(morningOf('2027-07-01').toISOString()).toBe('2027-07-01T05:00:00.000Z');
    // Clocks go forward on 28 March 2027 and back on 31 October 2027.
    expect(['2027-03-27', '2027-03-28', '2027-03-29'].map((date) => morningOf(date).toISOString().slice(11, 16))).toEqual(['06:00', '05:00', '05:00']);
    expect(['2027-10-30', '2027-10-31', '2027-11-01'].map((date) => morningOf(date).toISOString().slice(11, 16))).toEqual(['05:00', '06:00', '06:00']);
  });

  test('belong to the latest morning that has come', () => {
    expect(due('daily', '2026-11-23T05:59:59Z')).toBe('2026-11-22T06:00:00.000Z');
    expect(due('daily', '2026-11-23T06:00:00Z')).toBe('2026-11-23T06:00:00.000Z');
    expect(due('daily', '2026-11-23T23:30:00Z')).toBe('2026-11-23T06:00:00.000Z');
    // A Monday, a minute before and a minute after; the Sunday before; the Monday after the clocks were set.
    expect(due('weekly', '2026-11-23T05:59:00Z')).toBe('2026-11-16T06:00:00.000Z');
    expect(due('weekly', '2026-11-23T06:01:00Z')).toBe('2026-11-23T06:00:00.000Z');
    expect(due('weekly', '2027-03-28T20:00:00Z')).toBe('2027-03-22T06:00:00.000Z');
    expect(due('weekly', '2027-03-29T05:00:00Z')).toBe('2027-03-29T05:00:00.000Z');
  });

  test('come once for each of 400 days, whenever in the quarter hour the clock looks', () => {
    for (const rhythm of ['daily', 'weekly'] as const) {
      const mornings = new Set<string>();
      const step = 7.5 * 60_000;
      const from = Date.parse('2027-01-01T12:00:00Z');
      for (let at = from; at < from + 400 * 86_400_000; at += step) mornings.add(lastDue(rhythm, new Date(at)).toISOString());
      const days = [...mornings].sort().map((each) => Date.parse(each));
      const gaps = new Set(days.slice(1).map((at, index) => (at - (days[index] ?? 0)) / 3_600_000));
      expect([rhythm, days.length, [...gaps].sort((a, b) => a - b)]).toEqual(rhythm === 'daily' ? ['daily', 401, [23, 24, 25]] : ['weekly', 58, [167, 168, 169]]);
    }
  });
});

describe('choices', () => {
  const { categories } = writtenContent().da;

  test('stand in the address, and what is no category is left out', () => {
    expect(subscribeLink('da', { agreement: '2024-031' })).toBe('/abonner?aftale=2024-031');
    expect(subscribeLink('en', { words: 'rengøring skole' })).toBe('/en/subscribe?ord=reng%C3%B8ring+skole');
    expect(subscribeLink('da', { category: 'rengoering' })).toBe('/abonner?kategori=rengoering');
    const params = new URLSearchParams('kategori=rengoering&kategori=findes-ikke&aftale=2024-031&udbud=x&ord=Sæbe%2C+håndsprit&planlagte=1&alle=');
    expect(choicesInAddress(params, categories)).toEqual([
      { kind: 'category', value: 'rengoering' },
      { kind: 'agreement', value: '2024-031' },
      { kind: 'tender', value: 'x' },
      { kind: 'planned', value: '' },
      { kind: 'words', value: 'sæbe' },
      { kind: 'words', value: 'håndsprit' },
    ]);
  });

  test('words are cut into phrases at commas, and signs between words are left out', () => {
    expect(phrasesIn(' Rengøring af skoler; it-drift,, "Sæbe", sæbe\n😀')).toEqual(['rengøring af skoler', 'it drift', 'sæbe']);
    expect(phrasesIn('')).toEqual([]);
    expect(choiceFaultOf([])).toBe('nothing-chosen');
    expect(choiceFaultOf(phrasesIn('a,b,c,d,e,f,g,h,i,j,k').map((value) => ({ kind: 'words', value })))).toBe('words-too-many');
    expect(choiceFaultOf(Array.from({ length: 101 }, (_, index) => ({ kind: 'tender', value: String(index) })))).toBe('too-many-choices');
  });
});
