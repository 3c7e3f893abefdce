import type { AstroGlobal } from 'astro';
import { readDate } from '../followup/answers.ts';
import { type AskRefusal, askNow } from '../followup/plan/ask.ts';
import { planMessages } from '../followup/plan/messages.ts';
import { type Asked, switchOff, switchOn } from '../followup/plan/plan.ts';
import type { Followup } from '../followup/plan/queries.ts';
import { pathTo } from '../i18n/routes.ts';
import { today } from '../platform/clock.ts';
import { Refusal } from '../platform/refusal.ts';
import { readFields } from '../web/form.ts';

/** `requirement:type`, as the page writes it. */
export function askedIn(texts: readonly string[]): Asked[] {
  return texts.flatMap((text) => {
    const [requirementId, type] = text.split(':');
    return requirementId && type ? [{ requirementId, type }] : [];
  });
}

/** Switches follow-up on or off. Resolves to where to go, or to what is wrong in words. */
export async function postPlan(astro: Pick<AstroGlobal, 'request' | 'locals'>, followup: Followup): Promise<{ redirect: string } | { fault: string }> {
  const { app, actor, lang } = astro.locals;
  const fields = await readFields(astro.request);
  const page = pathTo('planFollowup', lang, { number: followup.number });
  const [off] = askedIn([fields['off'] ?? '']);
  if (off) return { redirect: `${page}?gjort=fra-${await switchOff(app.db, actor, followup.id, off)}` };
  const [now] = askedIn([fields['now'] ?? '']);
  if (now) {
    const t = planMessages[lang];
    const day = readDate(fields['day'] ?? '');
    if (!day) return { fault: t.refusals['not-a-date'] };
    try {
      const count = await askNow(app.db, app.types, actor, followup.id, { ...now, day, cvr: fields['cvr'] || null }, today(app.clock));
      return { redirect: `${page}?gjort=bedt-${count}` };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { fault: t.refusals[error.code as AskRefusal] };
    }
  }
  const asked = askedIn(Object.keys(fields).flatMap((name) => (name.startsWith('ask:') ? [name.slice('ask:'.length)] : [])));
  if (asked.length === 0) return { fault: planMessages[lang].chooseFirst };
  const made = await switchOn(app.db, app.types, actor, followup.id, asked, app.clock.now(), today(app.clock));
  return { redirect: `${page}?gjort=til-${made}` };
}
