/** With what a text begins that a spreadsheet would take for a formula, also behind apostrophes of its own, so that `unguarded` can tell. */
export const formula = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** Takes off the apostrophe that csvStream put in front of a text, and no other. */
export function unguarded(text: string): string {
  return text.startsWith("'") && formula.test(text.slice(1)) ? text.slice(1) : text;
}
