/** Open, planned or closed at this moment: an open tender is closed by its deadline, whatever was last written. */
export function statusAt(tender: { readonly status: string; readonly deadline_at: Date | null }, now: Date): 'open' | 'planned' | 'closed' {
  if (tender.status === 'planned') return 'planned';
  return tender.status === 'open' && tender.deadline_at && tender.deadline_at > now ? 'open' : 'closed';
}
