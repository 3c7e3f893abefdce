/** A finite number in plain digits with '.', as the shortest text that means the same number; with an exponent only beyond thirty places. */
export function plainNumber(value: number): string {
  const short = String(value);
  const found = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(short);
  if (!found) return short;
  const [, sign = '', first = '', rest = '', exponent] = found;
  const power = Number(exponent);
  if (Math.abs(power) > 30) return short;
  return power < 0 ? `${sign}0.${'0'.repeat(-power - 1)}${first}${rest}` : `${sign}${(first + rest).padEnd(power + 1, '0')}`;
}
