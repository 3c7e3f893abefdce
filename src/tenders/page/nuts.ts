/** Danish regions and provinces (NUTS 2024, Regulation 2023/674), by what people call them. The names are the same in English. */
const names: Readonly<Record<string, string>> = {
  DK: 'Danmark',
  DK0: 'Danmark',
  DK01: 'Hovedstaden',
  DK011: 'Byen København',
  DK012: 'Københavns omegn',
  DK013: 'Nordsjælland',
  DK014: 'Bornholm',
  DK02: 'Sjælland',
  DK021: 'Østsjælland',
  DK022: 'Vest- og Sydsjælland',
  DK03: 'Syddanmark',
  DK031: 'Fyn',
  DK032: 'Sydjylland',
  DK04: 'Midtjylland',
  DK041: 'Vestjylland',
  DK042: 'Østjylland',
  DK05: 'Nordjylland',
  DK050: 'Nordjylland',
};

/** The name of a place; the code itself outside Denmark. */
export const placeName = (nuts: string): string => names[nuts] ?? nuts;
