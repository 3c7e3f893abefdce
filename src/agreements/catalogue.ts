/** What the register knows of an agreement beyond its own words, from the editors' content. */
export interface Catalogue {
  /** The same as long as everything here is. */
  readonly checksum: string;
  /** The everyday category of CPV codes; null where none covers them. */
  categoryOf(cpv: readonly string[]): string | null;
  /** Everyday words that should find an agreement with these codes. */
  wordsFor(cpv: readonly string[]): string;
  focusAreasOf(requirementIds: readonly string[]): string[];
  /** The CPV group of a category by its name in everyday words; null when none is called so. */
  codeOf(category: string): string | null;
}
