import { unescaped } from '../cell-text.ts';
import { type Limits, UnreadableSheet } from '../sheet.ts';
import type { XmlHandlers } from './xml.ts';

/** The texts that cells point to by number, kept as bytes outside the JavaScript heap. */
export interface SharedStrings {
  /** Undefined where there is none of that number. */
  at(index: number): string | undefined;
}

const largestTotal = 100_000_000;
const perBlock = 1_024;

/** Handlers for xl/sharedStrings.xml and the texts they have gathered. They throw UnreadableSheet('too-large') beyond a hundred megabytes. */
export function sharedStrings({ cellLength }: Limits): SharedStrings & { handlers: XmlHandlers } {
  const blocks: { bytes: Buffer; ends: Uint32Array }[] = [];
  let open: string[] = [];
  let total = 0;
  let text = '';
  let isText = false;
  let isPhonetic = false;

  function add(): void {
    // One character too many is enough for the cell that uses the text to be refused by its line.
    const kept = unescaped(text)
      .slice(0, cellLength + 1)
      .toWellFormed();
    total += 8 + Buffer.byteLength(kept);
    if (total > largestTotal) throw new UnreadableSheet('too-large');
    open.push(kept);
    if (open.length === perBlock) {
      blocks.push(blockOf(open));
      open = [];
    }
  }

  return {
    handlers: {
      open(name) {
        if (name === 'si') text = '';
        else if (name === 'rPh') isPhonetic = true;
        else if (name === 't') isText = !isPhonetic;
      },
      text(piece) {
        if (isText && text.length <= 8 * cellLength) text += piece;
      },
      close(name) {
        if (name === 'si') add();
        else if (name === 'rPh') isPhonetic = false;
        else if (name === 't') isText = false;
      },
    },
    at(index) {
      const block = blocks[Math.floor(index / perBlock)];
      if (!block) return open[index - blocks.length * perBlock];
      const place = index % perBlock;
      return block.bytes.toString('utf8', place === 0 ? 0 : block.ends[place - 1], block.ends[place]);
    },
  };
}

function blockOf(texts: readonly string[]): { bytes: Buffer; ends: Uint32Array } {
  let end = 0;
  const ends = Uint32Array.from(texts, (text) => (end += Buffer.byteLength(text)));
  return { bytes: Buffer.from(texts.join('')), ends };
}
