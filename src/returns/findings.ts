/** What can be found in a return, and how grave it is: an error must be mended before filing, a warning must be looked at. */
export const severities = {
  // The file as a whole.
  'missing-column': 'error',
  'column-twice': 'error',
  'unknown-column': 'warning',
  'no-lines': 'error',
  'supplier-not-on-agreement': 'error',
  // A line.
  'duplicate-line': 'warning',
  'total-line': 'warning',
  'cells-beyond': 'warning',
  // A cell: how it is written.
  required: 'error',
  'text-too-long': 'error',
  'formula-error': 'error',
  'formula-injection': 'warning',
  'not-a-number': 'error',
  'ambiguous-number': 'error',
  'number-too-large': 'error',
  'number-shortened': 'error',
  'not-a-percentage': 'error',
  'percent-as-fraction': 'warning',
  'not-a-date': 'error',
  'date-format-accepted-da': 'warning',
  'date-format-accepted': 'warning',
  'date-number-accepted': 'warning',
  'not-a-period': 'error',
  'period-format-accepted-da': 'warning',
  enum: 'error',
  'unknown-ecolabel': 'warning',
  'cvr-format': 'error',
  'gln-format': 'error',
  'gtin-format': 'error',
  'cpv-format': 'error',
  'unspsc-format': 'error',
  // A cell: its check digit.
  'cvr-check-digit': 'error',
  'gln-check-digit': 'error',
  'gtin-check-digit': 'error',
  // A cell: against what is known.
  'wrong-organisation': 'error',
  'wrong-agreement': 'error',
  'wrong-period': 'error',
  'period-in-future': 'error',
  'period-outside-agreement': 'error',
  'unknown-cpv': 'error',
  // A cell: against the others of its line.
  'date-outside-period': 'error',
  'date-implausible': 'error',
  'amount-mismatch': 'error',
} as const satisfies Record<string, 'error' | 'warning'>;

export type FindingCode = keyof typeof severities;

export interface Finding {
  /** The line of the file as the person sees it, the header counted. */
  readonly line: number;
  /** The column's place in the file, counted from 0; null where the finding is about the line or a column that is not there. */
  readonly place: number | null;
  /** The column's Danish header as in the template; null where the finding is about the line. */
  readonly column: string | null;
  readonly code: FindingCode;
  /** What stands there, at most 200 characters. */
  readonly found: string;
  /** What the words of the finding name: what was expected, or which other line. */
  readonly detail: string;
}

export const isError = ({ code }: Pick<Finding, 'code'>): boolean => severities[code] === 'error';
