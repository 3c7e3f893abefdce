import type { AstroGlobal } from 'astro';
import { type HoldFault, liftHold, setHold, type TypedHold } from '../documents/retention/holds.ts';
import { retentionMessages } from '../documents/retention/messages.ts';
import { pathTo } from '../i18n/routes.ts';
import { type Fault, InvalidInput, type Refusal } from '../platform/refusal.ts';
import { readFields } from '../web/form.ts';
import { statusOf } from '../web/problem.ts';

interface HoldState {
  readonly status: number;
  readonly faults: readonly Fault<HoldFault>[];
  readonly refusal: string | null;
  readonly typed: TypedHold | null;
}

/** The forms of the page of retention: set a hold, lift one. */
export async function postHold({ request, locals }: Pick<AstroGlobal, 'request' | 'locals'>): Promise<{ redirect: string } | HoldState> {
  const { app, actor, lang } = locals;
  const t = retentionMessages[lang];
  const fields = await readFields(request);
  const lifted = fields['lift'];
  const typed: TypedHold | null = lifted === undefined ? { on: fields['on'] ?? '', which: fields['which'] ?? '', reason: fields['reason'] ?? '' } : null;
  if (fields['intent'] === 'resume') return { status: 200, faults: [], refusal: null, typed };
  try {
    if (typed) await setHold(app.db, actor, typed, app.clock.now());
    else await liftHold(app.db, actor, lifted ?? '', fields['liftReason'] ?? '', app.clock.now());
    return { redirect: `${pathTo('retention', lang)}?gemt=${typed ? 'bero' : 'ophaevet'}` };
  } catch (error) {
    const status = statusOf(error);
    if (status === null) throw error;
    if (error instanceof InvalidInput) return { status, faults: error.faults as Fault<HoldFault>[], refusal: null, typed };
    const words: Readonly<Record<string, string>> = t.refusals;
    return { status, faults: [], refusal: words[(error as Refusal).code] ?? t.notFound, typed };
  }
}
