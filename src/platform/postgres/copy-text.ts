type Plain = string | number | boolean | null;
/** A row for COPY: plain values and arrays of them. */
export type CopyRow = readonly (Plain | readonly Plain[])[];

/** A row as COPY reads it, with its line end. */
export function copyLine(row: CopyRow): string {
  let line = '';
  for (let place = 0; place < row.length; place += 1) line += `${place > 0 ? '\t' : ''}${asField(row[place] as CopyRow[number])}`;
  return `${line}\n`;
}

function asField(value: CopyRow[number]): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escaped(value);
  return typeof value === 'object' ? arrayOf(value) : String(value);
}

/** An array as PostgreSQL writes it, within a field of COPY: what is special to both is escaped for both. */
function arrayOf(values: readonly Plain[]): string {
  let text = '{';
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place] as Plain;
    if (place > 0) text += ',';
    if (value === null) text += 'NULL';
    else if (typeof value !== 'string') text += value;
    else text += special.test(value) ? `"${escaped(value.replace(/[\\"]/g, '\\$&'))}"` : `"${value}"`;
  }
  return `${text}}`;
}

const special = /[\\"\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (sign) => escapes[sign] ?? sign) : text;
}
