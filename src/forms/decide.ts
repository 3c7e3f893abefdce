import type { AstroGlobal } from 'astro';
import type { WholeObligation } from '../followup/queries.ts';
import { type Decision, decisionForm, type ReviewFault, review } from '../followup/review.ts';
import { pathTo } from '../i18n/routes.ts';
import { today } from '../platform/clock.ts';
import { type Fault, InvalidInput, type Refusal } from '../platform/refusal.ts';
import { BrokenForm, readForm } from '../web/form.ts';
import { statusOf } from '../web/problem.ts';

export interface DecisionFormState {
  readonly status: number;
  readonly faults: readonly Fault<ReviewFault>[];
  readonly refusal?: string;
  readonly typed: Partial<Decision>;
}

/** The decision form of a case. `intent=resume` shows what was typed before a new log-in, without deciding. */
export async function postDecision(astro: Pick<AstroGlobal, 'request' | 'locals'>, found: WholeObligation): Promise<{ redirect: string } | DecisionFormState> {
  const { app, actor, lang } = astro.locals;
  const form = await readForm(astro.request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return { fields: {} as Record<string, string> };
    throw error;
  });
  const parsed = decisionForm.safeParse(form.fields);
  if (!parsed.success) return { status: 400, faults: [{ field: 'decision', code: 'decision-required' }], typed: { reason: form.fields['reason'] ?? '' } };
  if (form.fields['intent'] === 'resume') return { status: 200, faults: [], typed: parsed.data };
  try {
    await review(app.db, app.followup, actor, found.id, parsed.data, app.clock.now(), today(app.clock));
    return { redirect: `${pathTo('case', lang, { id: found.id })}?gemt=afgjort` };
  } catch (error) {
    const status = statusOf(error);
    if (status === null || status === 404) throw error;
    if (error instanceof InvalidInput) return { status, faults: error.faults as Fault<ReviewFault>[], typed: parsed.data };
    return { status, faults: [], refusal: (error as Refusal).code, typed: parsed.data };
  }
}
