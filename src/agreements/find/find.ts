import { folded, tellingWords } from '../../platform/asking/words.ts';
import type { Db } from '../../platform/db.ts';
import { type Agreement, agreementsAbout } from '../queries.ts';
import { formsInBoth, wordsIn } from '../register/lexemes.ts';
import { readQuery } from '../register/query.ts';
import { registerPage } from '../register/register.ts';
import { bestFit, type Forms, fit } from './fit.ts';

/** What an editor says of a category: its name, the group that it is in, and everyday words for what is in it. */
export interface Goods {
  readonly id: string;
  readonly names: readonly string[];
  readonly group: readonly string[];
  readonly words: readonly string[];
  /** The beginnings of its CPV codes. */
  readonly cpv: readonly string[];
}

export interface Answer {
  /** The one agreement that it must be; null when nothing fits, or it may be one of several. */
  readonly best: Agreement | null;
  /** What else may fit, the likeliest first. */
  readonly others: readonly Agreement[];
  /** The words that were searched for instead, folded. */
  readonly corrected: readonly string[] | null;
  /** The category that was asked for in everyday words, when it was one. */
  readonly category: string | null;
}

const nothing: Answer = { best: null, others: [], corrected: null, category: null };
const mostShown = 6;

/** What is bought stands before what it is for: paper for the copier is paper. */
const purpose = /\s(?:til|for)\s/i;
const purposeWeight = 0.4;

/**
 * The agreement for what somebody is about to buy. Everyday words lead to a category, words of titles to agreements; what
 * only mentions a word comes after both. It is said to be the one only when the words say so and no other fits as well.
 */
export async function findAgreement(db: Db, goods: readonly Goods[], question: string, today: string): Promise<Answer> {
  const typed = wordsIn(tellingWords(question).join(' '));
  if (typed.length === 0) return nothing;
  const { query } = readQuery(new URLSearchParams({ q: question, sort: 'best', status: 'active', limit: String(mostShown) }));
  const { ids, corrected, forms } = await registerPage(db, query, today);

  const things = new Set(wordsIn(tellingWords(question.split(purpose)[0] ?? '').join(' ')));
  const formsOfGoods = await formsInBoth(
    db,
    goods.flatMap((each) => wordsIn([...each.names, ...each.group, ...each.words].join(' '))),
  );
  const formsIn = (word: string): Forms => forms.get(folded(word)) ?? formsOfGoods(word);
  const weighed = typed.map((word) => ({ forms: formsIn(word), weight: things.has(word) ? 1 : purposeWeight }));
  const meant = (corrected ?? []).map((word) => ({ forms: formsIn(word), weight: 1 }));
  const likely = [weighed, meant].map((words) => likeliest(goods, words, formsIn)).find((found) => found.length > 0) ?? [];
  const category = likely.length === 1 && likely[0]?.isNamed ? likely[0].goods : null;
  const categories = likely.map(({ goods: { id } }) => id);
  const found = await agreementsAbout(db, ids, { categories, today, atMost: mostShown });

  const titleForms = await formsInBoth(db, found.flatMap(titleWords));
  const searched = (corrected ?? typed).map(formsIn);
  const ranked = found
    .map((agreement) => {
      const title = titleWords(agreement).map(titleForms);
      const fits = searched.map((each) => bestFit(each, title));
      const isIn = agreement.category !== null && categories.includes(agreement.category);
      const isOfOther = category !== null && isIn && Math.max(...fits) === 0 && isAboutSomethingElse(title, category, formsIn);
      const inPart = category?.cpv.some((prefix) => agreement.cpv.some((code) => code.startsWith(prefix))) ? 1 : 0;
      const points = Math.max(...fits) * 2 + Math.min(...fits) * 4 + (isIn ? 2 + (category ? 4 : 0) : inPart);
      return { agreement, isIn, isOfOther, hasAll: Math.min(...fits) > 0, points, place: ids.indexOf(agreement.id) };
    })
    .filter(({ points }) => category === null || points > 0)
    .sort((a, b) => b.points - a.points || (a.place < 0 ? mostShown : a.place) - (b.place < 0 ? mostShown : b.place));
  const [first, second] = ranked;
  if (!first || ranked.every(({ isOfOther }) => isOfOther)) return { ...nothing, corrected: category ? null : corrected };

  const isOnlyOne = category !== null && first.isIn && !first.isOfOther && ranked.filter(({ isIn }) => isIn).length === 1;
  const isTheOne = (first.hasAll || isOnlyOne) && first.points > (second?.points ?? 0);
  return {
    best: isTheOne ? first.agreement : null,
    // What only mentions a word is shown when nothing is about it.
    others: ranked
      .filter(({ points }) => points > 0 || first.points === 0)
      .slice(isTheOne ? 1 : 0, mostShown)
      .map(({ agreement }) => agreement),
    // The category was found with the words that were typed.
    corrected: category && weighed.some((each) => bestFit(each.forms, ownForms(category, formsIn)) > 0) ? null : corrected,
    category: category?.id ?? null,
  };
}

/** What there is in one category. */
export async function agreementsIn(db: Db, category: string, today: string): Promise<Answer> {
  const [first, ...others] = await agreementsAbout(db, [], { categories: [category], today, atMost: mostShown });
  if (!first) return { ...nothing, category };
  return others.length === 0 ? { ...nothing, best: first, category } : { ...nothing, others: [first, ...others], category };
}

type FormsIn = (word: string) => Forms;
type Weighed = readonly { readonly forms: Forms; readonly weight: number }[];

const ownForms = ({ names, words }: Goods, formsIn: FormsIn): Forms[] => wordsIn([...names, ...words].join(' ')).map(formsIn);

/** The categories that fit the words best, and whether one of the words is just theirs; none where none fits. */
function likeliest(goods: readonly Goods[], words: Weighed, formsIn: FormsIn): { goods: Goods; isNamed: boolean }[] {
  const found = goods.map((each) => {
    const own = ownForms(each, formsIn);
    const around = wordsIn(each.group.join(' ')).map(formsIn);
    const fits = words.map(({ forms, weight }) => ({ weight, value: bestFit(forms, own) || Math.min(fit.around, bestFit(forms, around)) }));
    return { goods: each, sum: fits.reduce((sum, { weight, value }) => sum + weight * value, 0), isNamed: fits.some(({ weight, value }) => weight === 1 && value === fit.same) };
  });
  const most = Math.max(0, ...found.map(({ sum }) => sum));
  return most > 0 ? found.filter(({ sum }) => sum === most) : [];
}

/** The electrician's agreement is none for a painter, though both are of one category: its title says another of the everyday words, and not the category's name. */
function isAboutSomethingElse(title: readonly Forms[], { names, words }: Goods, formsIn: FormsIn): boolean {
  const says = (said: readonly string[]): boolean => said.some((word) => bestFit(formsIn(word), title) === fit.same);
  return says(wordsIn(words.join(' '))) && !says(wordsIn(names.flatMap(tellingWords).join(' ')));
}

const titleWords = ({ title_da, title_en }: Agreement): string[] => wordsIn(`${title_da} ${title_en}`);
