import { sql } from 'kysely';
import type { Language } from '../../i18n/language.ts';
import { audit } from '../../platform/audit.ts';
import { addDays } from '../../platform/clock.ts';
import type { Db, Tx } from '../../platform/db.ts';
import { queueMail } from '../../platform/mail/queue.ts';
import type { Answers } from '../answers.ts';
import { typeOf } from '../obligation-type.ts';
import type { FollowupContext } from '../submit.ts';
import { certificateOf, isCertificate, renewalDays } from './certificate.ts';
import { renewalMail } from './mails.ts';

/** Days before the end (negative: after it) on which the supplier is reminded, beside the first message. */
const reminderDays = [renewalDays, 30, 7, -1] as const;
export type Reminder = (typeof reminderDays)[number];

/**
 * What the clock does with certificates that run out: asks for the renewal at every place where one was accepted, each
 * as a task of its own, and reminds the supplier once for all of them, at 60, 30 and 7 days and the day after.
 * Running twice changes nothing more. Returns how many tasks were made.
 */
export async function chaseRenewals(db: Db, context: Omit<FollowupContext, 'signer' | 'indicators'>, today: string): Promise<number> {
  const running = await db
    .selectFrom('evidence as e')
    .innerJoinLateral(
      (eb) =>
        eb.selectFrom('evidence_version as v').select(['v.id', 'v.answers', 'v.valid_to']).whereRef('v.evidence_id', '=', 'e.id').orderBy('v.number', 'desc').limit(1).as('latest'),
      (join) => join.onTrue(),
    )
    .select(['e.id', 'e.type', 'e.supplier_id', 'latest.id as version_id', 'latest.answers', 'latest.valid_to'])
    .where('e.withdrawn_at', 'is', null)
    .where('latest.valid_to', '<=', addDays(today, renewalDays))
    // Long expired and never renewed: it has been asked for.
    .where('latest.valid_to', '>=', addDays(today, -365))
    .execute();
  let made = 0;
  for (const evidence of running) {
    const validTo = evidence.valid_to;
    if (validTo !== null) made += await db.transaction().execute((tx) => chase(tx, context, { ...evidence, validTo }, today));
  }
  return made;
}

interface Running {
  readonly id: string;
  readonly type: string;
  readonly supplier_id: string;
  readonly version_id: string;
  readonly answers: unknown;
  readonly validTo: string;
}

async function chase(tx: Tx, context: Omit<FollowupContext, 'signer' | 'indicators'>, evidence: Running, today: string): Promise<number> {
  const asked = await askAnew(tx, evidence, today);
  for (const { id, supplier_id } of asked) await audit(tx, 'obligation.renewal-asked', id, { evidence: evidence.id, dueOn: evidence.validTo }, supplier_id);
  const places = await tx
    .selectFrom('obligation as o')
    .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
    .select(['a.number', 'a.title_da', 'a.title_en', 'o.requirement_id'])
    .where('o.renews_evidence_id', '=', evidence.id)
    .where('o.period', '=', evidence.validTo)
    .where('o.state', 'in', ['planned', 'open', 'returned'])
    .orderBy('a.number')
    .execute();
  const type = typeOf(context.types, evidence.type);
  // The latest reminder whose day has come; earlier ones that were missed are not sent late.
  const reminder = reminderDays.filter((days) => addDays(evidence.validTo, -days) <= today).at(-1);
  if (places.length === 0 || reminder === undefined || !isCertificate(type)) return asked.length;
  const people = await tx
    .selectFrom('membership as m')
    .innerJoin('account as p', 'p.id', 'm.account_id')
    .select(['p.id', 'p.email', 'p.language'])
    .where('m.supplier_id', '=', evidence.supplier_id)
    .where('p.disabled_at', 'is', null)
    .execute();
  for (const person of people) {
    const lang = person.language as Language;
    const certificate = certificateOf(type, evidence.answers as Answers, lang);
    await queueMail(
      tx,
      renewalMail(context, { evidenceId: evidence.id, versionId: evidence.version_id, validTo: evidence.validTo, certificate, type, places, reminder, person, lang }),
    );
  }
  return asked.length;
}

/** A task for each accepted one that rests on a version of the certificate, where the agreement goes on after its last day. */
async function askAnew(tx: Tx, evidence: Running, today: string): Promise<readonly { id: string; supplier_id: string }[]> {
  return tx
    .insertInto('obligation')
    .columns(['agreement_id', 'supplier_id', 'requirement_id', 'type', 'period', 'lot', 'opens_on', 'due_on', 'state', 'shown_publicly', 'is_example', 'renews_evidence_id'])
    .expression((eb) =>
      eb
        .selectFrom('obligation as o')
        .innerJoin('agreement as a', 'a.id', 'o.agreement_id')
        .select([
          'o.agreement_id',
          'o.supplier_id',
          'o.requirement_id',
          'o.type',
          sql<string>`${evidence.validTo}::text`.as('period'),
          'o.lot',
          sql<string>`${today}::date`.as('opens_on'),
          sql<string>`${evidence.validTo}::date`.as('due_on'),
          sql<string>`'open'`.as('state'),
          'o.shown_publicly',
          'o.is_example',
          sql<string>`${evidence.id}::uuid`.as('renews_evidence_id'),
        ])
        .distinct()
        .where('o.state', '=', 'accepted')
        .where('a.ends_on', '>', evidence.validTo)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('document as d')
              .innerJoin('evidence_version as v', 'v.id', 'd.evidence_version_id')
              .select('d.id')
              .whereRef('d.obligation_id', '=', 'o.id')
              .where('d.submission_id', 'is not', null)
              .where('v.evidence_id', '=', evidence.id),
          ),
        ),
    )
    .onConflict((conflict) => conflict.columns(['agreement_id', 'supplier_id', 'requirement_id', 'type', 'period', 'lot']).doNothing())
    .returning(['id', 'supplier_id'])
    .execute();
}
