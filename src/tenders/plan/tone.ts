import type { PlanEntry } from './forecast.ts';

export const tones = { plan: 'wait', estimate: 'plain', elsewhere: 'plain' } as const satisfies Record<PlanEntry['kind'], string>;
