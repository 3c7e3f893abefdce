import type { AstroGlobal } from 'astro';
import { readDate } from '../../followup/answers.ts';
import { reportEvent } from '../../followup/report/report.ts';
import { pathTo } from '../../i18n/routes.ts';
import { today } from '../../platform/clock.ts';
import { Refusal } from '../../platform/refusal.ts';
import { readFields } from '../../web/form.ts';

/** What was sent and cannot be used: at which question, and why. */
export interface RefusedReport {
  readonly what: string;
  readonly day: string;
  readonly at: 'what' | 'day';
  readonly code: string;
}

/** Takes the form about something that has happened, and leads to the task that follows. */
export async function postReport({ request, locals }: Pick<AstroGlobal, 'request' | 'locals'>): Promise<{ redirect: string } | RefusedReport> {
  const { app, actor, lang } = locals;
  const { what = '', day = '' } = await readFields(request);
  const [agreementId = '', supplierId = '', requirementId = '', type = ''] = what.split(':');
  if (type === '') return { what, day, at: 'what', code: 'nothing' };
  const read = readDate(day);
  if (!read) return { what, day, at: 'day', code: 'not-a-date' };
  try {
    const id = await reportEvent(app.db, app.types, actor, { agreementId, supplierId, requirementId, type, day: read }, today(app.clock));
    return { redirect: pathTo('task', lang, { id }) };
  } catch (error) {
    if (error instanceof Refusal && (error.code === 'not-found' || error.code === 'day-outside-agreement'))
      return { what, day, at: error.code === 'not-found' ? 'what' : 'day', code: error.code };
    throw error;
  }
}
