/** XLSX writes characters that XML has no room for as _xHHHH_. This is the text that is meant; a NUL stays written out. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x(?!0000)([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))).toWellFormed();
}

/** A text as it may stand between XML tags of an XLSX file, so that `unescaped` gives it back; what XML forbids is taken out. */
export function escaped(text: string): string {
  if (/^[\w .,:;()/+\-æøåÆØÅ]*$/.test(text) && !text.includes('_x')) return text;
  return text
    .replace(/_x(?=[0-9A-Fa-f]{4}_)/g, '_x005F_x')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '_x000D_')
    .replace(/[^\t\n\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}
