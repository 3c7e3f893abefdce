import { type RawBuilder, sql } from 'kysely';

/** Longer questions are cut: nobody types more words that help. */
const mostWords = 8;

/** The words of a question: letters and digits, at most eight of them, each at most 60 characters. */
export function wordsOf(question: string): string[] {
  return (
    question
      .slice(0, 1_000)
      .normalize('NFC')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
    .slice(0, mostWords)
    .map((word) => word.slice(0, 60));
}

const fillers = new Set(
  [
    'jeg vi du skal vil gerne købe køber bestille have har brug for til en et den det de der og eller med af på i os mig min mit vores nogle noget nogen ny nye nyt',
    'i we you need want to buy order get have a an the for some any of and or with in on our my new',
  ].flatMap((line) => line.split(' ')),
);

/** The words that say what somebody looks for: "jeg skal købe papir" asks for paper. All of them, where nothing else is said. */
export function tellingWords(question: string): string[] {
  const words = wordsOf(question);
  const telling = words.filter((word) => !fillers.has(word.toLowerCase()));
  return telling.length > 0 ? telling : words;
}

/** The way a text is typed without Danish letters, as the database's `search_folded`: æ as ae, ø as oe, å as aa. */
export function folded(text: string): string {
  return text.toLowerCase().replaceAll('æ', 'ae').replaceAll('ø', 'oe').replaceAll('å', 'aa').replaceAll('é', 'e');
}

type Config = 'danish' | 'english';

/** A tsquery that finds what has every word (or, joined by `||`, any): in a form of one of the languages, or as the beginning of a word as typed. */
export function askedFor(words: readonly string[], languages: readonly Config[], between: RawBuilder<unknown> = sql` && `): RawBuilder<unknown> {
  return sql.join(
    words.map(
      (word) =>
        sql`(${sql.join([...languages.map((config) => sql`plainto_tsquery(${config}::regconfig, ${word})`), sql`to_tsquery('simple', ${`${folded(word)}:*`})`], sql` || `)})`,
    ),
    between,
  );
}

/** Words that were folded, as one of the texts spells them; as they are where none has them. */
export function spelt(words: readonly string[], texts: readonly string[]): string[] {
  const spellings = new Map(
    texts
      .flatMap(
        (text) =>
          text
            .normalize('NFC')
            .toLowerCase()
            .match(/[\p{L}\p{N}]+/gu) ?? [],
      )
      .map((word) => [folded(word), word]),
  );
  return words.map((word) => spellings.get(word) ?? word);
}
