/** Where an agreement is in its life, computed from its dates each time it is shown. */
export type AgreementStatus = 'coming' | 'active' | 'ended';

export function statusOf(agreement: { readonly starts_on: string; readonly ends_on: string }, today: string): AgreementStatus {
  if (today < agreement.starts_on) return 'coming';
  return today <= agreement.ends_on ? 'active' : 'ended';
}

/** The last day on which the agreement can be used if every option is taken. */
export function lastPossibleEnd(agreement: { readonly ends_on: string; readonly options: readonly { readonly extends_to: string }[] }): string {
  return [agreement.ends_on, ...agreement.options.map((option) => option.extends_to)].sort().at(-1) ?? agreement.ends_on;
}
