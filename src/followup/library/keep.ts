import { randomUUID } from 'node:crypto';
import type { RefusedReason } from '../../documents/checks/finding.ts';
import { noteStored, type Stored } from '../../documents/stored.ts';
import type { Language } from '../../i18n/language.ts';
import { type Actor, actsFor } from '../../identity/actor.ts';
import { audit } from '../../platform/audit.ts';
import { asAccount, type Db, type Tx } from '../../platform/db.ts';
import { type CommonRefusal, type Fault, InvalidInput, Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';
import { type AnswerFault, type Answers, checkAnswers, type RawAnswers } from '../answers.ts';
import { type ObligationTypes, typeOf } from '../obligation-type.ts';
import { type CertificateFault, type CertificateType, certificateFaults, certificateOf, isCertificate } from './certificate.ts';

/** A file that is refused is told of by the reason, which has words of its own. */
export type EvidenceFault = AnswerFault | CertificateFault | 'file-required' | 'reason-required' | 'same-file' | 'known-file' | RefusedReason;
export type EvidenceRefusal = CommonRefusal | 'withdrawn' | 'renewed-meanwhile';

/** What a supplier types and sends about a certificate. */
export interface Certified {
  readonly answers: RawAnswers;
  readonly file: (Stored & { readonly name: string }) | null;
  readonly lang: Language;
}

/** Puts a certificate into the library of a supplier and returns its id. Throws InvalidInput with a fault per field. */
export function addEvidence(
  db: Db,
  types: ObligationTypes,
  actor: Actor,
  to: { readonly supplierId: string; readonly type: string },
  sent: Certified,
  now: Date,
  today: string,
): Promise<string> {
  return asAccount(db, actor.accountId, async (tx) => {
    if (!actsFor(actor, to.supplierId)) throw new Refusal<CommonRefusal>('not-found');
    const { type, answers, file } = await check(tx, types, to.type, sent, today);
    const known = await tx
      .selectFrom('evidence_version as v')
      .innerJoin('evidence as e', 'e.id', 'v.evidence_id')
      .select('v.id')
      .where('e.supplier_id', '=', to.supplierId)
      .where('e.type', '=', to.type)
      .where('e.withdrawn_at', 'is', null)
      .where('v.sha256', '=', file.sha256)
      .executeTakeFirst();
    if (known) throw new InvalidInput<EvidenceFault>([{ field: 'files', code: 'known-file' }]);
    return begin(tx, actor, type, to.supplierId, answers, file, now);
  });
}

/** Adds a newer version; what was filed with an older one stays as it was. `number` is the version that the form was opened with. */
export function renewEvidence(db: Db, types: ObligationTypes, actor: Actor, id: string, number: number, sent: Certified, now: Date, today: string): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const evidence = await lockEvidence(tx, actor, id);
    const { type, answers, file } = await check(tx, types, evidence.type, sent, today);
    const latest = await tx.selectFrom('evidence_version').select(['number', 'sha256']).where('evidence_id', '=', id).orderBy('number', 'desc').executeTakeFirstOrThrow();
    if (latest.number !== number) {
      // The same form sent twice is one renewal.
      if (latest.sha256 === file.sha256) return;
      throw new Refusal<EvidenceRefusal>('renewed-meanwhile');
    }
    if (latest.sha256 === file.sha256) throw new InvalidInput<EvidenceFault>([{ field: 'files', code: 'same-file' }]);
    await addVersion(tx, actor, type, evidence, number + 1, answers, file, now);
  });
}

/** Takes a certificate out of use, with a reason for the municipality to read. What was filed with it stays filed. */
export function withdrawEvidence(db: Db, actor: Actor, id: string, reason: string, now: Date): Promise<void> {
  return asAccount(db, actor.accountId, async (tx) => {
    const evidence = await lockEvidence(tx, actor, id);
    const why = reason.trim();
    if (why === '') throw new InvalidInput<EvidenceFault>([{ field: 'reason', code: 'reason-required' }]);
    if ([...why].length > 1_000) throw new InvalidInput<EvidenceFault>([{ field: 'reason', code: 'too-long' }]);
    await tx.updateTable('evidence').set({ withdrawn_at: now, withdrawn_by: actor.accountId, withdrawn_reason: why }).where('id', '=', id).execute();
    // A draft must not carry on with it.
    await tx
      .deleteFrom('document')
      .where('submission_id', 'is', null)
      .where('evidence_version_id', 'in', (eb) => eb.selectFrom('evidence_version').select('id').where('evidence_id', '=', id))
      .execute();
    await audit(tx, 'evidence.withdrawn', id, {}, evidence.supplier_id);
  });
}

/** Locks a certificate that is in use. */
export async function lockEvidence(tx: Tx, actor: Actor, id: string) {
  const evidence = isUuid(id)
    ? await tx.selectFrom('evidence').select(['id', 'supplier_id', 'type', 'withdrawn_at']).where('id', '=', id).forUpdate().executeTakeFirst()
    : undefined;
  if (!evidence || !actsFor(actor, evidence.supplier_id)) throw new Refusal<CommonRefusal>('not-found');
  if (evidence.withdrawn_at) throw new Refusal<EvidenceRefusal>('withdrawn');
  return evidence;
}

/**
 * Remembers a certificate that was filed with a task, so that nobody is asked for it again: as a new version of the one
 * that the task was to renew, else as a new entry. Returns the version; the file may be in the library already.
 */
export async function rememberEvidence(
  tx: Tx,
  actor: Actor,
  type: CertificateType,
  obligation: { readonly supplier_id: string; readonly renews_evidence_id: string | null },
  answers: Answers,
  file: Stored & { readonly name: string },
  now: Date,
): Promise<string> {
  const known = await tx
    .selectFrom('evidence_version as v')
    .innerJoin('evidence as e', 'e.id', 'v.evidence_id')
    .select('v.id')
    .where('v.supplier_id', '=', obligation.supplier_id)
    .where('e.type', '=', type.id)
    .where('v.sha256', '=', file.sha256)
    .where('v.kind', '=', file.kind)
    .executeTakeFirst();
  if (known) return known.id;
  const renewed = obligation.renews_evidence_id
    ? await tx.selectFrom('evidence').select(['id', 'supplier_id', 'withdrawn_at']).where('id', '=', obligation.renews_evidence_id).forUpdate().executeTakeFirst()
    : undefined;
  if (renewed && !renewed.withdrawn_at) {
    const { number } = await tx.selectFrom('evidence_version').select('number').where('evidence_id', '=', renewed.id).orderBy('number', 'desc').executeTakeFirstOrThrow();
    return addVersion(tx, actor, type, renewed, number + 1, answers, file, now);
  }
  const id = await begin(tx, actor, type, obligation.supplier_id, answers, file, now);
  return (await tx.selectFrom('evidence_version').select('id').where('evidence_id', '=', id).executeTakeFirstOrThrow()).id;
}

async function check(tx: Tx, types: ObligationTypes, typeId: string, sent: Certified, today: string) {
  const type = typeOf(types, typeId);
  if (!isCertificate(type)) throw new Refusal<CommonRefusal>('not-found');
  const { answers, faults } = checkAnswers(type, sent.answers, sent.lang);
  const found: Fault<EvidenceFault>[] = [...faults, ...certificateFaults(type, answers, today)];
  const bad = sent.file && (await refusedFor(tx, sent.file));
  if (!sent.file) found.push({ field: 'files', code: 'file-required' });
  else if (bad) found.push({ field: 'files', code: bad });
  if (found.length > 0 || !sent.file) throw new InvalidInput(found);
  return { type, answers, file: sent.file };
}

/** Why a file is refused, where that is known by now and may be seen; else null. */
async function refusedFor(tx: Tx, { sha256, kind }: Stored): Promise<RefusedReason | null> {
  const known = await tx.selectFrom('stored_file').select('reason').where('sha256', '=', sha256).where('kind', '=', kind).where('verdict', '=', 'refused').executeTakeFirst();
  return (known?.reason ?? null) as RefusedReason | null;
}

async function begin(tx: Tx, actor: Actor, type: CertificateType, supplierId: string, answers: Answers, file: Stored & { readonly name: string }, now: Date): Promise<string> {
  const id = randomUUID();
  await tx.insertInto('evidence').values({ id, supplier_id: supplierId, type: type.id, created_at: now, created_by: actor.accountId }).execute();
  await addVersion(tx, actor, type, { id, supplier_id: supplierId }, 1, answers, file, now);
  return id;
}

async function addVersion(
  tx: Tx,
  actor: Actor,
  type: CertificateType,
  evidence: { readonly id: string; readonly supplier_id: string },
  number: number,
  answers: Answers,
  file: Stored & { readonly name: string },
  now: Date,
): Promise<string> {
  const { validFrom, validTo } = certificateOf(type, answers, 'da');
  const id = randomUUID();
  await noteStored(tx, file, now);
  await tx
    .insertInto('evidence_version')
    .values({
      id,
      evidence_id: evidence.id,
      supplier_id: evidence.supplier_id,
      number,
      name: file.name,
      kind: file.kind,
      size_bytes: file.sizeBytes,
      sha256: file.sha256,
      answers: JSON.stringify(answers),
      valid_from: validFrom,
      valid_to: validTo,
      stored_at: now,
      stored_by: actor.accountId,
      stored_by_name: actor.name,
    })
    .execute();
  // Bytes that somebody else brought before are seen by whoever has a row with them, so only now.
  const bad = await refusedFor(tx, file);
  if (bad) throw new InvalidInput<EvidenceFault>([{ field: 'files', code: bad }]);
  await audit(
    tx,
    number === 1 ? 'evidence.added' : 'evidence.renewed',
    evidence.id,
    { version: number, sha256: file.sha256, bytes: file.sizeBytes, validTo },
    evidence.supplier_id,
  );
  return id;
}
