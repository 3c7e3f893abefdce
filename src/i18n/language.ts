export type Language = 'da' | 'en';

/** The language of an address: English under /en, Danish everywhere else. */
export function languageOf(pathname: string): Language {
  return pathname === '/en' || pathname.startsWith('/en/') ? 'en' : 'da';
}

/** A row's text in the reader's language: columns title_da and title_en are read as inLanguage(row, 'title', lang). What nobody has translated is read in Danish. */
export function inLanguage<Name extends string>(row: Readonly<Record<`${Name}_da` | `${Name}_en`, string>>, name: Name, lang: Language): string {
  return row[`${name}_${lang}`] || row[`${name}_da`];
}
