import type { PlanEntry } from './forecast.ts';

export const tones = { plan: 'good', estimate: 'wait', elsewhere: 'plain' } as const satisfies Record<PlanEntry['kind'], string>;
