/** How many letters must be changed, added, left out or exchanged with their neighbour to make one word of another (optimal string alignment). */
export function editsBetween(a: string, b: string): number {
  const [from, to] = [[...a], [...b]];
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, place) => place)];
  for (const [row, letter] of from.entries()) {
    const next = [row + 1];
    for (const [place, other] of to.entries()) {
      const isExchanged = row > 0 && place > 0 && letter === to[place - 1] && from[row - 1] === other;
      next.push(
        Math.min(
          (last[place + 1] ?? 0) + 1,
          (next[place] ?? 0) + 1,
          (last[place] ?? 0) + Number(letter !== other),
          isExchanged ? (before[place - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, last] = [last, next];
  }
  return last[to.length] ?? 0;
}

/** The word that was probably meant: of those given, the nearest that one slip for every four letters makes of it; null when none is so near. */
export function meantBy(word: string, candidates: readonly string[]): string | null {
  const near = candidates.map((candidate) => ({ candidate, edits: editsBetween(word, candidate) })).sort((a, b) => a.edits - b.edits)[0];
  return near && near.edits <= Math.max(1, Math.floor(word.length / 4)) ? near.candidate : null;
}
