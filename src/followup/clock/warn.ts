import { sql } from 'kysely';
import { formatDate, formatTitle } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import { addDays } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import { type QueuedMessage, queueMail } from '../../platform/mail/queue.ts';
import { type ObligationType, type ObligationTypes, typeOf } from '../obligation-type.ts';
import { addWorkingDays } from '../schedule/working-days.ts';
import type { FollowupContext } from '../submit.ts';

/** Working days before its deadline on which a draft warns that it has not been filed. */
const warningDays = [5, 1] as const;
type Warning = (typeof warningDays)[number];

/** The days that lie at most so far ahead, whatever holidays there are. */
const farthestAhead = 20;

/** The warning whose day has come, the nearest deadline last; undefined before the first, and when the deadline is past. */
export function warningFor(dueOn: string, today: string): Warning | undefined {
  if (dueOn < today) return undefined;
  return warningDays.filter((days) => addWorkingDays(dueOn, -days) <= today).at(-1);
}

/**
 * Warns those who worked on a draft that it has not been filed: five working days before its deadline, and one. A warning that was
 * missed is not sent late; running twice sends nothing twice. Returns how many drafts it warned of.
 */
export async function warnOfDrafts(db: Db, context: Omit<FollowupContext, 'signer' | 'indicators'>, today: string): Promise<number> {
  const begun = await db
    .selectFrom('obligation as o')
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .select(['o.id', 'o.type', 'o.period', 'o.lot', 'o.due_on', 'o.supplier_id', 'a.number'])
    .select(
      sql<string[]>`array(select d.saved_by from draft d where d.obligation_id = o.id
        union select f.stored_by from document f where f.obligation_id = o.id and f.submission_id is null and f.erased_at is null)`.as('people'),
    )
    .where('o.state', 'in', ['open', 'returned'])
    .where('o.due_on', '>=', today)
    .where('o.due_on', '<=', addDays(today, farthestAhead))
    .orderBy('o.due_on')
    .execute();
  let warned = 0;
  for (const task of begun) {
    const days = warningFor(task.due_on, today);
    if (days === undefined || task.people.length === 0) continue;
    warned += await db.transaction().execute(async (tx) => {
      const people = await tx
        .selectFrom('account as p')
        .innerJoin('membership as m', 'm.account_id', 'p.id')
        .select(['p.id', 'p.email', 'p.language'])
        .where('p.id', 'in', task.people)
        .where('m.supplier_id', '=', task.supplier_id)
        .where('p.disabled_at', 'is', null)
        .execute();
      for (const person of people) await queueMail(tx, draftMail(context, task, days, { ...person, lang: person.language as Language }));
      return people.length > 0 ? 1 : 0;
    });
  }
  return warned;
}

interface Begun {
  readonly id: string;
  readonly type: string;
  readonly period: string | null;
  readonly due_on: string;
  readonly number: string;
}

function draftMail(
  { municipality, siteUrl, types }: Omit<FollowupContext, 'signer' | 'indicators'> & { readonly types: ObligationTypes },
  task: Begun,
  days: Warning,
  { id, email, lang }: { readonly id: string; readonly email: string; readonly lang: Language },
): QueuedMessage {
  const type: ObligationType = typeOf(types, task.type);
  const what = formatTitle(type.title[lang], task, lang);
  const day = formatDate(task.due_on, lang);
  const link = new URL(pathTo('task', lang, { id: task.id }), siteUrl).href;
  const text =
    lang === 'da'
      ? `Du har en kladde, der ikke er indsendt: ${what}, aftale ${task.number}.\n\nFristen er ${day}.\n\nSe den igennem, og indsend:\n${link}\n\nVenlig hilsen\n${municipality.name.da}\n`
      : `You have a draft that has not been filed: ${what}, agreement ${task.number}.\n\nIt is due on ${day}.\n\nLook it through, and file:\n${link}\n\nKind regards\n${municipality.name.en}\n`;
  const subject = lang === 'da' ? `Ikke indsendt: ${what}. Frist ${day}` : `Not filed: ${what}. Due ${day}`;
  return { reason: `draft:${task.id}:${task.due_on}:${days}:${id}`, to: email, subject, text };
}
