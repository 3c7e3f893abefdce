import type { EvidenceStanding } from '../library/certificate.ts';
import type { PublicStanding, Standing } from '../obligation.ts';

type Tone = 'plain' | 'good' | 'wait' | 'warn' | 'bad';

/** The look of a standing; the word beside it says the same. */
export const standingTone: Record<Standing, Tone> = {
  coming: 'plain',
  due: 'plain',
  'due-soon': 'warn',
  overdue: 'bad',
  returned: 'warn',
  'in-review': 'wait',
  accepted: 'good',
  rejected: 'bad',
  waived: 'plain',
};

export const evidenceTone: Record<EvidenceStanding, Tone> = { valid: 'good', 'runs-out': 'warn', expired: 'bad', withdrawn: 'plain' };

export const publicStandingTone: Record<PublicStanding, Tone> = {
  documented: 'good',
  'being-checked': 'wait',
  'not-due': 'plain',
  'not-documented': 'warn',
};
