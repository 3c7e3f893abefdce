import type { AstroGlobal } from 'astro';
import { z } from 'zod';
import { decideHeld, type HeldRefusal } from '../documents/staff/held.ts';
import { pathTo } from '../i18n/routes.ts';
import { Refusal } from '../platform/refusal.ts';
import { readFields } from '../web/form.ts';
import { statusOf } from '../web/problem.ts';

const form = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), kind: z.string().min(1).max(10), decision: z.enum(['release', 'refuse']), confirm: z.literal('true') });

/** The decision about a file that our checks could not judge. */
export async function postFileDecision(
  astro: Pick<AstroGlobal, 'request' | 'locals'>,
): Promise<{ redirect: string } | { status: number; fault: 'confirmRequired' | Exclude<HeldRefusal, 'not-found'>; about: string }> {
  const { app, actor, lang } = astro.locals;
  const fields = await readFields(astro.request);
  const parsed = form.safeParse(fields);
  const about = fields['sha256'] ?? '';
  if (!parsed.success) return { status: 400, fault: 'confirmRequired', about };
  try {
    await decideHeld(app.db, app.followup, actor, parsed.data, parsed.data.decision, app.clock.now());
    return { redirect: `${pathTo('heldFiles', lang)}?gemt=${parsed.data.decision === 'release' ? 'frigivet' : 'afvist'}` };
  } catch (error) {
    const status = statusOf(error);
    if (status === null || status === 404 || !(error instanceof Refusal)) throw error;
    return { status, fault: error.code as Exclude<HeldRefusal, 'not-found'>, about };
  }
}
