import { wordsOf } from '../platform/asking/words.ts';

/** What a subscriber can ask to hear of. */
export const choiceKinds = ['category', 'words', 'agreement', 'tender', 'planned', 'all-tenders'] as const;
export type ChoiceKind = (typeof choiceKinds)[number];

export interface Choice {
  readonly kind: ChoiceKind;
  /** A category's id, words, an agreement's number, a tender's id; empty for `planned` and `all-tenders`. */
  readonly value: string;
}

export const rhythms = ['at-once', 'daily', 'weekly'] as const;
export type Rhythm = (typeof rhythms)[number];

export const choiceFaults = ['nothing-chosen', 'words-too-many', 'words-too-common', 'too-many-choices'] as const;
export type ChoiceFault = (typeof choiceFaults)[number];

const mostPhrases = 10;
const mostWordsInPhrase = 6;
const mostChoices = 100;

/** The words of a phrase as they are looked for. */
export const wordsIn = (phrase: string): string[] => wordsOf(phrase.toLowerCase()).slice(0, mostWordsInPhrase);

/** The phrases of a field in which they stand between commas. */
export function phrasesIn(text: string): string[] {
  const phrases = text.split(/[,;\n]/).map((phrase) => wordsIn(phrase).join(' '));
  return [...new Set(phrases.filter(Boolean))];
}

/** What is wrong with choices before the database is asked; null when nothing is. */
export function choiceFaultOf(choices: readonly Choice[]): ChoiceFault | null {
  if (choices.length === 0) return 'nothing-chosen';
  if (choices.length > mostChoices) return 'too-many-choices';
  return choices.filter(({ kind }) => kind === 'words').length > mostPhrases ? 'words-too-many' : null;
}

export interface CategoryGroup {
  readonly id: string;
  readonly title: Readonly<Record<'da' | 'en', string>>;
  readonly children: readonly { readonly id: string; readonly title: Readonly<Record<'da' | 'en', string>> }[];
}

/** Names of fields and of parameters in the address: one set of words in both languages. */
const prefixes = { category: 'kategori', agreement: 'aftale', tender: 'udbud' } as const;
const alone = { words: 'ord', planned: 'planlagte', 'all-tenders': 'alle' } as const;
const hasPrefix = (kind: ChoiceKind): kind is keyof typeof prefixes => kind in prefixes;

/** The field of a form in which a choice is made. All words share one. */
export const fieldOf = ({ kind, value }: Choice): string => (hasPrefix(kind) ? `${prefixes[kind]}-${value}` : alone[kind]);

/** Choices from the fields of a form; categories that do not exist are left out. */
export function choicesFrom(fields: Readonly<Record<string, string>>, categories: readonly CategoryGroup[]): Choice[] {
  const known = new Set(categories.flatMap(({ children }) => children.map(({ id }) => id)));
  const chosen = Object.keys(fields).flatMap((name): Choice[] => {
    for (const [kind, prefix] of Object.entries(prefixes)) {
      const value = name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : '';
      if (value && value.length <= 100 && (kind !== 'category' || known.has(value))) return [{ kind: kind as ChoiceKind, value }];
    }
    if (name === 'planlagte') return [{ kind: 'planned', value: '' }];
    return name === 'alle' ? [{ kind: 'all-tenders', value: '' }] : [];
  });
  return [...chosen, ...phrasesIn(fields['ord'] ?? '').map((value): Choice => ({ kind: 'words', value }))];
}

/** Choices from an address, such as /abonner?aftale=2024-031. */
export function choicesInAddress(params: URLSearchParams, categories: readonly CategoryGroup[]): Choice[] {
  const fields: Record<string, string> = { ord: params.getAll('ord').join(',').slice(0, 1_000) };
  for (const prefix of Object.values(prefixes)) for (const value of params.getAll(prefix).slice(0, mostChoices)) fields[`${prefix}-${value}`] = 'true';
  for (const name of ['planlagte', 'alle']) if (params.get(name)) fields[name] = 'true';
  return choicesFrom(fields, categories);
}

/** The reverse: choices as they stand in an address. */
export function addressOf(choices: readonly Choice[]): string {
  const params = new URLSearchParams();
  for (const { kind, value } of choices) {
    if (kind === 'words') params.append('ord', value);
    else if (kind === 'planned') params.append('planlagte', '1');
    else if (kind === 'all-tenders') params.append('alle', '1');
    else params.append(prefixes[kind], value);
  }
  return params.toString();
}
