import { listObligations } from '../../../../forms/programs/obligations.ts';
import { byKey } from '../../../../web/programs/by-key.ts';

/** What is asked of a supplier, for its own programs. */
export const ALL = byKey(listObligations);
