/** Agreements as a large municipality could have them, the same each time. */

/** Mulberry32: small, fast, and the same numbers from the same seed everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const beginnings = [
  'kontor',
  'rengørings',
  'skole',
  'pleje',
  'vej',
  'park',
  'mad',
  'frugt',
  'børne',
  'it',
  'bygge',
  'vand',
  'varme',
  'el',
  'transport',
  'tekstil',
  'papir',
  'møbel',
  'lege',
  'medicin',
  'køkken',
  'have',
  'bil',
  'cykel',
  'sikkerheds',
  'brand',
  'affalds',
  'sne',
  'lys',
  'tand',
  'sygepleje',
  'hjælpe',
  'bog',
  'musik',
  'sports',
  'tolke',
  'vikar',
  'forsikrings',
  'konsulent',
  'revisions',
];
const endings = [
  'artikler',
  'udstyr',
  'tjenester',
  'maskiner',
  'materialer',
  'midler',
  'inventar',
  'systemer',
  'kørsel',
  'service',
  'drift',
  'vedligehold',
  'levering',
  'udlejning',
  'reparation',
  'redskaber',
  'tøj',
  'produkter',
  'opgaver',
  'løsninger',
];
const places = ['skoler', 'dagtilbud', 'plejecentre', 'rådhuset', 'hjemmeplejen', 'idrætsanlæg', 'biblioteker', 'borgere', 'institutioner', 'tandplejen'];
const plain = [
  'gælder',
  'alle',
  'bestilles',
  'leveres',
  'inden',
  'arbejdsdage',
  'kvalitet',
  'miljø',
  'pris',
  'aftalen',
  'omfatter',
  'også',
  'kommunens',
  'steder',
  'efter',
  'behov',
  'mærket',
  'godkendt',
  'året',
  'rundt',
];
const codes = ['33760000', '90919300', '15000000', '39100000', '30190000', '45000000', '60130000', '79620000', '50000000', '98310000', '18100000', '72000000'];

/** Twenty thousand words, put together as Danish does. */
const kinds = [
  '',
  'akut',
  'basis',
  'dag',
  'fast',
  'grøn',
  'hånd',
  'klima',
  'let',
  'mini',
  'natur',
  'nær',
  'ren',
  'sam',
  'senior',
  'special',
  'stor',
  'to',
  'ung',
  'vinter',
  'sommer',
  'web',
  'all',
  'over',
  'under',
];
const size = beginnings.length * endings.length * kinds.length;

/** A word by Zipf's law over everything that can be put together: few are common, most are rare. */
function title(next: () => number): string[] {
  const pick = (): string => {
    const rank = Math.floor(size ** next()) - 1;
    const spread = (rank * 617) % size;
    const [first, second] = [spread % beginnings.length, Math.floor(spread / beginnings.length)];
    return `${kinds[Math.floor(second / endings.length)]}${beginnings[first]}${endings[second % endings.length]}`;
  };
  return [pick(), 'og', pick(), 'til', places[Math.floor(next() * places.length)] ?? ''];
}

export function* agreementRows(count: number, requirements: readonly string[]): Generator<(string | Date)[]> {
  const next = random(11);
  const some = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  for (let index = 0; index < count; index += 1) {
    const words = title(next);
    // What is asked goes with what is bought, and now and then something more.
    const code = Math.floor(next() * codes.length);
    const asked = new Set([0, 1, 2].map((place) => requirements[(code * 5 + place * 3) % requirements.length] ?? ''));
    if (next() < 0.3) asked.add(some(requirements));
    const supplier = Math.floor(20_000 * next() ** 2);
    const start = 2019 + Math.floor(next() * 8);
    const month = String(1 + Math.floor(next() * 12)).padStart(2, '0');
    yield [
      `${start}-${String(index).padStart(6, '0')}`,
      words.join(' '),
      Array.from({ length: 40 }, () => (next() < 0.3 ? (title(next)[0] ?? '') : some(plain))).join(' '),
      `${beginnings[supplier % beginnings.length]} ${endings[supplier % endings.length]} ${supplier} A/S`,
      String(70_000_000 + supplier),
      `01-${month}-${start}`,
      `28-02-${start + 3 + Math.floor(next() * 5)}`,
      codes[code] ?? '',
      String(Math.floor(next() * 50) * 100_000),
      next() < 0.7 ? 'Ja' : 'Nej',
      [...asked].join(' | '),
    ];
  }
}

/** Words of titles to search for, as they would be typed. */
export function titleWords(count: number): string[][] {
  const next = random(11);
  return Array.from({ length: count }, () => {
    const [first = '', , second = ''] = title(next);
    return [first, second];
  });
}
