import type { AstroGlobal } from 'astro';
import { planMessages } from '../followup/plan/messages.ts';
import { type Asked, switchOff, switchOn } from '../followup/plan/plan.ts';
import type { Followup } from '../followup/plan/queries.ts';
import { pathTo } from '../i18n/routes.ts';
import { today } from '../platform/clock.ts';
import { BrokenForm, readForm } from '../web/form.ts';

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
  const { fields } = await readForm(astro.request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return { fields: {} as Readonly<Record<string, string>> };
    throw error;
  });
  const page = pathTo('planFollowup', lang, { number: followup.number });
  const [off] = askedIn([fields['off'] ?? '']);
  if (off) return { redirect: `${page}?gjort=fra-${await switchOff(app.db, actor, followup.id, off)}` };
  const asked = askedIn(Object.keys(fields).flatMap((name) => (name.startsWith('ask:') ? [name.slice('ask:'.length)] : [])));
  if (asked.length === 0) return { fault: planMessages[lang].chooseFirst };
  const made = await switchOn(app.db, app.types, actor, followup.id, asked, app.clock.now(), today(app.clock));
  return { redirect: `${page}?gjort=til-${made}` };
}
