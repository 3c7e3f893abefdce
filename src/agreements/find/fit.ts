/** How well a word that was typed fits one that stands there: the same; the same at its end, as Danish puts words together; only named by what is around; not. */
export const fit = { same: 3, end: 2, around: 1, none: 0 } as const;

/** A word in its forms, without Danish letters. */
export type Forms = readonly string[];

/** Shorter ends are those of any word. */
const shortestEnd = 4;

function fitOf(typed: Forms, said: Forms): number {
  if (typed.some((form) => said.includes(form))) return fit.same;
  const endsIn = (whole: Forms, end: Forms): boolean => end.some((form) => form.length >= shortestEnd && whole.some((each) => each.endsWith(form)));
  return endsIn(typed, said) || endsIn(said, typed) ? fit.end : fit.none;
}

/** How well a word fits the one that it fits best. */
export const bestFit = (typed: Forms, said: readonly Forms[]): number => Math.max(fit.none, ...said.map((each) => fitOf(typed, each)));
