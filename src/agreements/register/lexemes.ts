import { sql } from 'kysely';
import { folded } from '../../platform/asking/words.ts';
import type { Db } from '../../platform/db.ts';

type Dictionary = 'danish_stem' | 'english_stem';

/** A register says the same words again and again: what the database made of them is kept, up to this many. */
const mostKept = 50_000;
const kept: Record<Dictionary, Map<string, readonly string[]>> = { danish_stem: new Map(), english_stem: new Map() };

/** The different words of a text in small letters; what stands between words is left out, as when one searches. */
export function wordsIn(text: string): string[] {
  return [
    ...new Set(
      text
        .normalize('NFC')
        .toLowerCase()
        .match(/[\p{L}\p{N}]{1,200}/gu) ?? [],
    ),
  ];
}

/**
 * The forms under which words are found: what a dictionary makes of them (nothing, of words too common to search for), and
 * as typed; both without Danish letters, so that it does not matter how a word is typed. One query at most.
 */
export async function formsOf(db: Db, dictionary: Dictionary, words: readonly string[]): Promise<(word: string) => readonly string[]> {
  const known = kept[dictionary];
  if (known.size > mostKept) known.clear();
  const unknown = [...new Set(words)].filter((word) => !known.has(word));
  if (unknown.length > 0) {
    const { rows } = await sql<{ stems: string[] }>`
      select ts_lexize(${dictionary}, word) as stems from unnest(${unknown.map(folded)}::text[]) with ordinality as a (word, place) order by place`.execute(db);
    for (const [place, { stems }] of rows.entries()) keep(dictionary, unknown[place] ?? '', stems);
  }
  return (word) => known.get(word) ?? [];
}

/** The forms in both languages together. One query at most. */
export async function formsInBoth(db: Db, words: readonly string[]): Promise<(word: string) => readonly string[]> {
  const { danish_stem: danish, english_stem: english } = kept;
  for (const known of [danish, english]) if (known.size > mostKept) known.clear();
  const unknown = [...new Set(words)].filter((word) => !danish.has(word) || !english.has(word));
  if (unknown.length > 0) {
    const { rows } = await sql<Record<Dictionary, string[]>>`
      select ts_lexize('danish_stem', word) as danish_stem, ts_lexize('english_stem', word) as english_stem
      from unnest(${unknown.map(folded)}::text[]) with ordinality as a (word, place) order by place`.execute(db);
    for (const [place, row] of rows.entries()) for (const dictionary of ['danish_stem', 'english_stem'] as const) keep(dictionary, unknown[place] ?? '', row[dictionary]);
  }
  return (word) => [...new Set([...(danish.get(word) ?? []), ...(english.get(word) ?? [])])];
}

function keep(dictionary: Dictionary, word: string, stems: readonly string[]): void {
  kept[dictionary].set(word, [...new Set([...stems, folded(word)])]);
}

/** A tsvector as PostgreSQL reads it: each form of a word with where it stands, and how much that counts. */
export class Lexemes {
  readonly #places = new Map<string, string[]>();
  #place = 0;

  /** Adds words in their forms: A those of a title, B what stands beside it. */
  add(words: readonly string[], forms: (word: string) => readonly string[], weight: 'A' | 'B'): void {
    for (const word of words) {
      this.#place += 1;
      for (const form of forms(word)) this.#places.set(form, [...(this.#places.get(form) ?? []), `${this.#place}${weight}`]);
    }
  }

  forms(): Iterable<string> {
    return this.#places.keys();
  }

  toString(): string {
    return [...this.#places].map(([form, places]) => `${form}:${places.join(',')}`).join(' ');
  }
}
