import { describe, expect, test } from 'vitest';
import { formatBytes, formatDate, formatDays, formatKroner, formatPeriod } from '../src/i18n/format.ts';
import { pathTo, routes, twinOf } from '../src/i18n/routes.ts';

describe('addresses', () => {
  test('every page has an address in both languages, Danish at the root, English under /en, each the twin of the other', () => {
    for (const { da, en } of Object.values(routes)) {
      expect(da.startsWith('/en/')).toBe(false);
      expect(en === '/en' || en.startsWith('/en/')).toBe(true);
      const filled = (pattern: string): string => pattern.replace(/\[\w+\]/g, 'x-1');
      expect(twinOf(filled(da))).toBe(filled(en));
      expect(twinOf(filled(en))).toBe(filled(da));
    }
  });

  test('parameters are encoded', () => {
    expect(pathTo('agreement', 'da', { number: 'a/b?c' })).toBe('/aftaler/a%2Fb%3Fc');
  });
});

describe('dates, money and sizes', () => {
  test('are written as each language writes them', () => {
    expect([formatDate('2026-11-23', 'da'), formatDate('2026-11-23', 'en')]).toEqual(['23. november 2026', '23 November 2026']);
    expect([formatKroner(450_000_000, 'da'), formatKroner(450_000_000, 'en')]).toEqual(['4.500.000 kr.', 'DKK 4,500,000']);
    expect([formatBytes(1, 'en'), formatBytes(0, 'en'), formatBytes(2_345_678, 'da')]).toEqual(['1 byte', '0 bytes', '2,3 MB']);
    expect([formatPeriod('2026-Q3', 'da'), formatPeriod('2026-H1', 'en'), formatPeriod('2026-10', 'da')]).toEqual(['3. kvartal 2026', 'H1 2026', 'oktober 2026']);
    expect([formatDays(1, 'da'), formatDays(-2, 'en')]).toEqual(['i morgen', '2 days ago']);
  });
});
