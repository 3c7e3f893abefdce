/** What a column of somebody's list can be, and the names by which it is known. */
export const columnNames = {
  number: ['aftalenummer', 'aftalenr', 'kontraktnummer', 'kontraktnr', 'nummer', 'nr', 'id', 'sagsnummer', 'sagsnr', 'journalnummer', 'agreement number', 'number'],
  titleDa: ['titel', 'aftale', 'aftalenavn', 'navn', 'kontrakt', 'kontraktnavn', 'betegnelse', 'emne', 'titel dansk', 'title', 'title da', 'titel da'],
  titleEn: ['titel engelsk', 'engelsk titel', 'title en', 'titel en', 'english title'],
  summaryDa: ['beskrivelse', 'resumé', 'resume', 'indhold', 'omfatter', 'beskrivelse dansk', 'summary', 'beskrivelse da'],
  summaryEn: ['beskrivelse engelsk', 'beskrivelse en', 'engelsk beskrivelse', 'summary en'],
  supplierName: ['leverandør', 'leverandørnavn', 'leverandører', 'firma', 'virksomhed', 'supplier', 'suppliers', 'kontraktpart'],
  supplierCvr: ['cvr', 'cvrnr', 'cvr nr', 'cvr nummer', 'cvrnummer', 'leverandør cvr', 'leverandørernes cvr', 'company number', 'cvr numre'],
  supplierTown: ['by', 'leverandørens by', 'town'],
  startsOn: ['start', 'startdato', 'begynder', 'fra', 'gyldig fra', 'ikrafttræden', 'aftalestart', 'kontraktstart', 'start date', 'starts on'],
  endsOn: ['slut', 'slutdato', 'udløb', 'udløber', 'udløbsdato', 'til', 'gyldig til', 'aftaleslut', 'kontraktudløb', 'ophør', 'end date', 'ends on'],
  options: ['optioner', 'option', 'forlængelse', 'forlængelser', 'forlængelsesmulighed', 'options'],
  kind: ['aftaletype', 'type', 'slags', 'slags aftale', 'kontrakttype', 'kind'],
  kindOfContract: ['kontraktart', 'ydelsestype', 'varer eller tjenester', 'art', 'kind of contract'],
  procedure: ['udbudsform', 'procedure', 'udbudsprocedure', 'indkøbsform', 'sådan er aftalen indgået'],
  cpv: ['cpv', 'cpv kode', 'cpv koder', 'cpvkode', 'cpv nr', 'cpv code', 'cpv codes'],
  category: ['kategori', 'varegruppe', 'område', 'indkøbskategori', 'category'],
  value: ['værdi', 'kontraktværdi', 'beløb', 'anslået værdi', 'anslået værdi kr', 'estimeret værdi', 'årlig omsætning', 'value', 'kontraktsum'],
  mandatory: ['obligatorisk', 'forpligtende', 'skal bruges', 'mandatory'],
  coverageDa: ['gælder for', 'dækker', 'omfattede enheder', 'målgruppe', 'coverage'],
  orderingDa: ['bestilling', 'sådan bestiller du', 'bestillingsvejledning', 'ordering'],
  notCoveredDa: ['ikke omfattet', 'det er ikke med', 'not covered'],
  contactTeamDa: ['kontakt', 'kontaktperson', 'kontaktteam', 'ansvarlig', 'team', 'contact'],
  contactEmail: ['kontakt e mail', 'e mail', 'email', 'mail', 'kontaktmail', 'contact email'],
  priceListUrl: ['prisliste', 'link til prisliste', 'price list'],
  requirements: ['krav', 'requirements'],
  predecessor: ['afløser', 'erstatter', 'predecessor'],
} as const;

export type ColumnField = keyof typeof columnNames;
export const columnFields = Object.keys(columnNames) as ColumnField[];

/** Those without which nothing new can be read. */
export const centralFields = ['number', 'titleDa', 'supplierName', 'supplierCvr', 'startsOn', 'endsOn'] as const satisfies readonly ColumnField[];

/** Which column holds what, by the column's place counted from 0. */
export type Mapping = Readonly<Partial<Record<ColumnField, number>>>;

/** A header as it is compared: small letters, no punctuation, single spaces. */
export function plainHeader(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** What each header is taken for; the first column that fits a field gets it. */
export function guessMapping(header: readonly string[]): Mapping {
  const plain = header.map(plainHeader);
  const mapping: Partial<Record<ColumnField, number>> = {};
  const taken = new Set<number>();
  const take = (field: ColumnField, fits: (name: string) => boolean): void => {
    if (mapping[field] !== undefined) return;
    const place = plain.findIndex((name, index) => name !== '' && !taken.has(index) && fits(name));
    if (place >= 0) {
      mapping[field] = place;
      taken.add(place);
    }
  };
  for (const field of columnFields) take(field, (name) => (columnNames[field] as readonly string[]).includes(name));
  // Then headers that begin with a known name of two syllables or more, such as "Leverandør (navn)".
  for (const field of columnFields) take(field, (name) => columnNames[field].some((known) => known.length > 4 && name.startsWith(known)));
  return mapping;
}

/** How many of a row's cells are names of columns: the row of a list with most of them is its header. */
export function headerScore(cells: readonly string[]): number {
  return Object.keys(guessMapping(cells)).length;
}

/** The same columns in the same order are the same list next time. */
export function headerKey(header: readonly string[]): string {
  return header.map(plainHeader).join('|').slice(0, 2_000);
}
