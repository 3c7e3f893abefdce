import { sql } from 'kysely';
import { folded } from '../../platform/asking/words.ts';
import type { Tx } from '../../platform/db.ts';

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

/** The forms under which words are found: what a dictionary makes of them (nothing, of words too common to search for), and as typed without Danish letters. One query at most. */
export async function formsOf(tx: Tx, dictionary: Dictionary, words: readonly string[]): Promise<(word: string) => readonly string[]> {
  const known = kept[dictionary];
  if (known.size > mostKept) known.clear();
  const unknown = [...new Set(words)].filter((word) => !known.has(word));
  if (unknown.length > 0) {
    const { rows } = await sql<{ word: string; stems: string[] }>`select word, ts_lexize(${dictionary}, word) as stems from unnest(${unknown}::text[]) as word`.execute(tx);
    for (const { word, stems } of rows) known.set(word, [...stems, folded(word)]);
  }
  return (word) => known.get(word) ?? [];
}
