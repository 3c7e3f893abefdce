import { formatDate, formatTitle } from '../../i18n/format.ts';
import { inLanguage, type Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import { type CalendarEvent, writeCalendar } from '../../platform/calendar/write.ts';
import { followupMessages } from '../messages.ts';
import { canBeFiled, type ObligationState, type Standing } from '../obligation.ts';
import { type ObligationTypes, typeOf } from '../obligation-type.ts';
import { calendarMessages } from './messages.ts';
import type { CalendarTask } from './rows.ts';

interface FeedContext {
  readonly lang: Language;
  readonly owner: string;
  readonly siteUrl: URL;
  readonly types: ObligationTypes;
}

/** How a task is marked that is no longer a deadline to keep, or that came back. */
const marks: Partial<Record<ObligationState, Standing>> = {
  returned: 'returned',
  submitted: 'in-review',
  under_review: 'in-review',
  accepted: 'accepted',
  rejected: 'rejected',
  waived: 'waived',
};

/**
 * Tasks as a calendar: one whole day each, since a deadline is a day. What was filed stays and is marked, because an entry
 * that is gone leaves a person in doubt whether it was filed. The file does not tell its own address, which is a secret.
 */
export function taskCalendar(tasks: readonly CalendarTask[], { lang, owner, siteUrl, types }: FeedContext): string {
  const t = calendarMessages[lang];
  const several = new Set(tasks.map((task) => task.supplier_id)).size > 1;
  const page = new URL(pathTo('tasks', lang), siteUrl).href;
  const eventOf = (task: CalendarTask): CalendarEvent => {
    const type = typeOf(types, task.type);
    const mark = marks[task.state as ObligationState];
    const title = formatTitle((canBeFiled(task.state) ? type.task : type.title)[lang], task, lang);
    const summary = t.summary(title, task.agreement_number);
    const url = new URL(pathTo('task', lang, { id: task.id }), siteUrl).href;
    const lines = [
      `${t.agreement}: ${task.agreement_number} ${inLanguage(task, 'agreement_title', lang)}`,
      `${t.supplier}: ${task.supplier_name}`,
      task.state === 'planned' && t.opens(formatDate(task.opens_on, lang)),
      `${t.see}: ${url}`,
    ];
    return {
      uid: `opgave.${task.id}@${siteUrl.hostname}`,
      sequence: task.revision,
      changedAt: task.changed_at,
      start: task.due_on,
      summary: `${mark ? followupMessages[lang].standing[mark] : t.deadline}: ${summary}${several ? `, ${task.supplier_name}` : ''}`,
      description: lines.filter(Boolean).join('\n'),
      url,
      status: task.state === 'waived' ? 'cancelled' : 'confirmed',
    };
  };
  return writeCalendar({ lang, name: `${owner}: ${t.name}`, owner, product: calendarMessages.da.name, page }, tasks.map(eventOf));
}
