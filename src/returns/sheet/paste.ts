/**
 * The cells of what a spreadsheet puts on the clipboard: a tab between cells, a line end behind each row, quotation marks around a cell that
 * holds one of these.
 */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [cell, end] = cellAt(text, at);
    row.push(cell);
    at = end + (text.startsWith('\r\n', end) ? 2 : 1);
    if (text[end] === '\t') {
      if (at === text.length) row.push('');
      continue;
    }
    rows.push(row);
    row = [];
  }
  return row.length > 0 ? [...rows, row] : rows;
}

const quoted = /"((?:[^"]|"")*)"(?=[\t\r\n]|$)/y;
const plain = /[^\t\r\n]*/y;

/** The cell that begins at a place of the text, and where it ends. A quotation mark that closes nowhere is a mark like any other. */
function cellAt(text: string, at: number): [cell: string, end: number] {
  quoted.lastIndex = at;
  const found = quoted.exec(text);
  if (found)
    return [
      (found[1] ?? '')
        .replaceAll('""', '"')
        .replace(/[\t\r\n]+/g, ' ')
        .trim(),
      quoted.lastIndex,
    ];
  plain.lastIndex = at;
  return [(plain.exec(text)?.[0] ?? '').trim(), plain.lastIndex];
}

/** Fewer names than these may stand in a row of cells by chance. */
const fewestNames = 3;

/**
 * For each cell of a row the column that it names, -1 for one that names none; null when the row is no header. `names` holds all that a
 * column may be called, as `plain` writes it.
 */
export function headerOf(cells: readonly string[], names: readonly (readonly string[])[], plainly: (text: string) => string): number[] | null {
  const places = cells.map((cell) => {
    const name = plainly(cell);
    return name === '' ? -1 : names.findIndex((each) => each.includes(name));
  });
  return new Set(places.filter((place) => place >= 0)).size >= Math.min(fewestNames, names.length) ? places : null;
}
