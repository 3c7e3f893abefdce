/** What stands in a cell: its value, or its text where it cannot be read. */
type LineWord = string | number | boolean;

/** Remembers lines by 64 bits of each, in twelve bytes a line: a million lines take less than forty megabytes. */
export interface SeenLines {
  /** The line at which the same words stood first, or undefined and they are remembered as met at this line. */
  firstLineOf(words: readonly LineWord[], line: number): number | undefined;
}

export function seenLines(): SeenLines {
  const hash = lineHash();
  let size = 1_024;
  let [high, low, lines] = tables(size);
  let count = 0;

  /** Where these bits lie, or would lie. */
  function slotOf(bitsHigh: number, bitsLow: number): number {
    let slot = bitsLow & (size - 1);
    while (lines[slot] !== 0 && (high[slot] !== bitsHigh || low[slot] !== bitsLow)) slot = (slot + 1) & (size - 1);
    return slot;
  }
  function grow(): void {
    const [oldHigh, oldLow, oldLines] = [high, low, lines];
    size *= 2;
    [high, low, lines] = tables(size);
    for (const [slot, line] of oldLines.entries()) if (line !== 0) put(slotOf(oldHigh[slot] ?? 0, oldLow[slot] ?? 0), oldHigh[slot] ?? 0, oldLow[slot] ?? 0, line);
  }
  function put(slot: number, bitsHigh: number, bitsLow: number, line: number): void {
    high[slot] = bitsHigh;
    low[slot] = bitsLow;
    lines[slot] = line;
  }

  return {
    firstLineOf(words, line) {
      const [bitsHigh, bitsLow] = hash(words);
      const slot = slotOf(bitsHigh, bitsLow);
      const known = lines[slot];
      if (known) return known;
      put(slot, bitsHigh, bitsLow, line);
      count += 1;
      if (count * 2 > size) grow();
      return undefined;
    },
  };
}

function tables(size: number): [Uint32Array, Uint32Array, Uint32Array] {
  return [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
}

/**
 * 64 bits of a line, two hashes of 32 (cyrb53 without the cut to 53) of each cell, mixed. A text that stands where it stood in the line
 * before is not hashed again. Two of a million lines meet by chance once in forty million files.
 */
function lineHash(): (words: readonly LineWord[]) => [number, number] {
  const texts: string[] = [];
  const highs: number[] = [];
  const lows: number[] = [];
  const number = new Float64Array(1);
  const bits = new Uint32Array(number.buffer);

  function hashText(place: number, text: string): void {
    let a = 0xdeadbeef;
    let b = 0x41c6ce57;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      a = Math.imul(a ^ code, 2_654_435_761);
      b = Math.imul(b ^ code, 1_597_334_677);
    }
    texts[place] = text;
    [highs[place], lows[place]] = mixed(a, b);
  }

  return (words) => {
    let a = words.length;
    let b = 0;
    for (let place = 0; place < words.length; place += 1) {
      const word = words[place] as LineWord;
      if (typeof word === 'string') {
        if (word !== texts[place]) hashText(place, word);
        a = Math.imul(a ^ (highs[place] ?? 0), 2_654_435_761);
        b = Math.imul(b ^ (lows[place] ?? 0), 1_597_334_677);
      } else {
        // 0 and -0 are the same.
        number[0] = Number(word) + 0;
        a = Math.imul(Math.imul(a ^ (bits[0] ?? 0), 2_246_822_507) ^ (bits[1] ?? 0), 2_654_435_761);
        b = Math.imul(Math.imul(b ^ (bits[1] ?? 0), 3_266_489_909) ^ (bits[0] ?? 0), 1_597_334_677);
      }
      a ^= a >>> 15;
      b ^= b >>> 13;
    }
    return mixed(a, b);
  };
}

function mixed(one: number, other: number): [number, number] {
  const a = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909);
  const b = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return [a >>> 0, b >>> 0];
}
