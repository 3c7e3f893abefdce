/** Remembers texts by 64 bits of each, in twelve bytes a text: a million lines take less than forty megabytes. */
export interface SeenTexts {
  /** The line at which the text was met first, or undefined and it is remembered as met at this line. */
  firstLineOf(text: string, line: number): number | undefined;
}

export function seenTexts(): SeenTexts {
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
    firstLineOf(text, line) {
      const [bitsHigh, bitsLow] = bitsOf(text);
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

/** Two multiplicative hashes of 32 bits, mixed into each other at the end (cyrb53 without the cut to 53). Two of a million texts meet by chance once in forty million files. */
function bitsOf(text: string): [number, number] {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return [a >>> 0, b >>> 0];
}
