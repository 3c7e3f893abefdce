import { diffWordsWithSpace } from 'diff';

/** A stretch of text that both versions have, or that one has and the other has not. */
export interface Stretch {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Long texts that have nothing in common would take minutes to be found so. */
const mostMilliseconds = 500;

/** What changed from one text to another, word by word. */
export function changesBetween(from: string, to: string): Stretch[] {
  const found = diffWordsWithSpace(from, to, { timeout: mostMilliseconds }) ?? [
    { removed: true, added: false, value: from },
    { removed: false, added: true, value: to },
  ];
  return found.map(({ added, removed, value }) => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text: value }));
}
