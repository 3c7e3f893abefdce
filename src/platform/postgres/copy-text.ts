type Plain = string | number | boolean | null;
/** A row for COPY: plain values and arrays of them. */
export type CopyRow = readonly (Plain | readonly Plain[])[];

/** Writes rows one after the other as COPY reads them, with their line ends. A text that stands where it stood in the row before is not written anew. */
export function copyWriter(): (row: CopyRow) => string {
  const values: string[] = [];
  const texts: string[] = [];

  /** An array as PostgreSQL writes it, within a field of COPY: what is special to both is escaped for both. */
  function arrayOf(elements: readonly Plain[]): string {
    let text = '{';
    for (let place = 0; place < elements.length; place += 1) {
      const element = elements[place] as Plain;
      if (place > 0) text += ',';
      if (element === null) text += 'NULL';
      else if (typeof element !== 'string') text += element;
      else {
        if (values[place] !== element) {
          values[place] = element;
          texts[place] = special.test(element) ? `"${escaped(element.replace(/[\\"]/g, '\\$&'))}"` : `"${element}"`;
        }
        text += texts[place];
      }
    }
    return `${text}}`;
  }

  return (row) => {
    let line = '';
    for (let place = 0; place < row.length; place += 1) {
      const value = row[place] as CopyRow[number];
      if (place > 0) line += '\t';
      if (value === null) line += '\\N';
      else if (typeof value === 'string') line += escaped(value);
      else if (typeof value === 'object') line += arrayOf(value);
      else line += value;
    }
    return `${line}\n`;
  };
}

const special = /[\\"\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (sign) => escapes[sign] ?? sign) : text;
}
