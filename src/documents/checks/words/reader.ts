import { type Finding, foundClean, foundUnfit } from '../finding.ts';
import { likenessToCertificate } from './certificate.ts';
import { cprSearch } from './cpr.ts';

/** Reads the text of a document, in pieces, for what must not be in it. */
export interface TextReader {
  add(text: string): void;
  /** What the words came to. */
  finish(): Finding;
}

const beginningCharacters = 20_000;
/** Texts come in pieces as small as a word. */
const pieceCharacters = 16_384;

export function textReader(): TextReader {
  const cpr = cprSearch();
  let beginning = '';
  let length = 0;
  let waiting = '';
  const read = (): void => {
    cpr.add(waiting);
    waiting = '';
  };
  return {
    add(text) {
      length += text.length;
      if (beginning.length < beginningCharacters) beginning += text.slice(0, beginningCharacters - beginning.length);
      waiting += text;
      if (waiting.length >= pieceCharacters) read();
    },
    finish() {
      read();
      const likeness = likenessToCertificate(beginning.normalize('NFC'), length, cpr.found);
      if (likeness === 'no') return foundClean(cpr.found);
      return { ...foundUnfit(likeness === 'yes' ? 'record-certificate' : 'perhaps-record-certificate'), mentionsCpr: cpr.found };
    },
  };
}
