import type { Indicators } from '../../observations/indicator.ts';
import { type Figure, keepFigures, type Openness, opennessOf } from '../../observations/keep.ts';
import type { Observed } from '../../observations/observed.ts';
import { type FigurePeriod, figurePeriod } from '../../observations/period.ts';
import type { Tx } from '../../platform/db.ts';
import type { Answers } from '../answers.ts';
import { linesKeys } from '../lines.ts';
import type { ObligationType } from '../obligation-type.ts';

/** The figures in what was answered, as the type's observations say. What was not answered is no figure, not nought. */
export function figuresIn({ observations = [] }: Pick<ObligationType, 'observations'>, indicators: Indicators, answers: Answers): Figure[] {
  return observations.flatMap((source) => {
    const value = figureIn(source, answers);
    if (value === null) return [];
    return [{ indicator: source.indicator, latest: indicators.get(source.indicator)?.kind === 'latest', value: decimal(value), source }];
  });
}

function figureIn(source: Observed, answers: Answers): number | null {
  if ('lines' in source) return answers[linesKeys.nothing] === true ? 0 : numberIn(answers, linesKeys[source.lines]);
  if (source.when && answers[source.when.field] !== source.when.is) return null;
  const value = numberIn(answers, source.field);
  const times = source.times === undefined ? 1 : numberIn(answers, source.times);
  return value === null || times === null ? null : value * times * (source.factor ?? 1);
}

function numberIn(answers: Answers, key: string): number | null {
  const answer = answers[key];
  return typeof answer === 'number' ? answer : null;
}

/** Six decimals, so that 0.1 times 3 is 0.3. */
function decimal(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}

interface Asked {
  readonly period: string | null;
  readonly due_on: string;
}

/** All that is kept of an accepted submission: its figures, whose period they are of, and who may see them. */
export function keptOf(type: ObligationType, indicators: Indicators, obligation: Asked, answers: Answers): FigurePeriod & { openness: Openness; figures: Figure[] } {
  return { ...figurePeriod(obligation.period, obligation.due_on), openness: opennessOf(type.visibility), figures: figuresIn(type, indicators, answers) };
}

/** Keeps the figures of a submission that is being accepted. */
export async function observeAccepted(
  tx: Tx,
  indicators: Indicators,
  type: ObligationType,
  obligation: Asked,
  submission: { readonly id: string; readonly answers: Answers },
): Promise<void> {
  const { openness, figures, ...when } = keptOf(type, indicators, obligation, submission.answers);
  await keepFigures(tx, submission.id, openness, when, figures);
}
