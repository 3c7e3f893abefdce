import { z } from 'zod';
import { both } from '../municipality/municipality.ts';

const common = {
  id: z.string().regex(/^[a-z0-9-]+$/),
  goal: z.string(),
  title: both,
  text: both,
  owner: both,
  deadline: z.iso.date(),
  status: z.enum(['planned', 'started', 'done']),
  requirements: z.array(z.string()),
  draft: z.boolean(),
};

/**
 * An entry of content/action-plan/actions.yaml. How far it is comes either from the follow-up of a requirement
 * (`measure`) or is written by hand with its day and source (`progress`).
 */
export const actionSchema = z.union([
  z.strictObject({ ...common, measure: z.strictObject({ requirement: z.string() }) }),
  z.strictObject({ ...common, progress: z.strictObject({ text: both, on: z.iso.date(), source: both }) }),
]);

export type Action = z.infer<typeof actionSchema>;

/** Past its deadline and not done. */
export function isLate(action: Pick<Action, 'deadline' | 'status'>, today: string): boolean {
  return action.status !== 'done' && action.deadline < today;
}

/** The share of an action that is documented, in whole percent; null while nothing has been asked for. */
export function sharePercent(documented: number, asked: number): number | null {
  return asked === 0 ? null : Math.floor((documented / asked) * 100);
}
