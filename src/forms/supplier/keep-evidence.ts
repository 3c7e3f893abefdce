import { randomUUID } from 'node:crypto';
import type { AstroGlobal } from 'astro';
import { finishedUpload } from '../../documents/finished-upload.ts';
import type { UploadFault } from '../../documents/kind.ts';
import type { RawAnswers } from '../../followup/answers.ts';
import type { CertificateType } from '../../followup/library/certificate.ts';
import { addEvidence, type Certified, renewEvidence, withdrawEvidence } from '../../followup/library/keep.ts';
import type { WholeEvidence } from '../../followup/library/queries.ts';
import { fileForMany } from '../../followup/library/use.ts';
import { pathTo } from '../../i18n/routes.ts';
import { today } from '../../platform/clock.ts';
import { type Fault, InvalidInput, Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';
import { BrokenForm, type PostedForm, readFields, readForm, type UsableFile } from '../../web/form.ts';
import { statusOf } from '../../web/problem.ts';

type Astro = Pick<AstroGlobal, 'request' | 'locals'>;

export interface EvidenceFormState {
  readonly status: number;
  readonly faults: readonly Fault[];
  readonly unusable: readonly { readonly name: string; readonly code: UploadFault }[];
  readonly values: RawAnswers;
  readonly refusal?: string | undefined;
  readonly ticked?: readonly string[] | undefined;
  readonly formKey: string;
  readonly reason?: string | undefined;
  /** A file that the browser sent ahead of the form. */
  readonly kept?: { readonly id: string; readonly name: string } | undefined;
}

const blank = (): EvidenceFormState => ({ status: 200, faults: [], unusable: [], values: {}, formKey: randomUUID() });

/** The form of a certificate as posted: what was typed, the file, and what could not be used. */
async function readCertified({ request, locals: { app, actor, lang } }: Astro, type: CertificateType) {
  const form = await readForm(request, { files: app.files, limitBytes: app.config.maxFileBytes, kinds: type.evidence }).catch((error: unknown): PostedForm => {
    if (error instanceof BrokenForm) return { fields: {}, uploads: [], cut: [] };
    throw error;
  });
  const values = Object.fromEntries(type.fields.map((field) => [field.key, form.fields[`answer-${field.key}`] ?? '']));
  const chosen = form.uploads.find((upload): upload is UsableFile => !('fault' in upload));
  const sentAhead = chosen ? null : await finishedUpload(app.db, actor, form.fields['upload'] ?? '');
  const file = chosen ?? (sentAhead && type.evidence.some((kind) => kind === sentAhead.kind) ? sentAhead : null);
  const unusable = form.uploads.flatMap((upload) => ('fault' in upload ? [{ name: upload.name, code: upload.fault }] : []));
  const sent: Certified = { answers: values, file, lang };
  return { fields: form.fields, values, sent, unusable, kept: sentAhead ?? undefined, formKey: keyIn(form.fields), ticked: tickedIn(form.fields) };
}

const keyIn = (fields: Readonly<Record<string, string>>): string => (isUuid(fields['form-key'] ?? '') ? (fields['form-key'] ?? '') : randomUUID());
const tickedIn = (fields: Readonly<Record<string, string>>): string[] =>
  Object.keys(fields)
    .filter((name) => name.startsWith('task-'))
    .map((name) => name.slice('task-'.length))
    .filter(isUuid);

/** Turns what the domain says no to into the state of the form; anything else is a bug and thrown on. */
function stateOf(error: unknown, kept: Omit<EvidenceFormState, 'status' | 'faults' | 'refusal'>): EvidenceFormState {
  const status = statusOf(error);
  if (status === null || status === 404) throw error;
  if (error instanceof InvalidInput) {
    // A file that could not be used is told of instead of a file that is missing.
    const faults = kept.unusable.length > 0 ? error.faults.filter(({ code }) => code !== 'file-required') : error.faults;
    // A file that cannot be used is not taken along to the next try.
    const file = error.faults.some(({ field }) => field === 'files') ? undefined : kept.kept;
    return { ...kept, kept: file, status, faults: [...faults, ...kept.unusable.map(({ code }) => ({ field: 'files', code }))] };
  }
  return { ...kept, status, faults: [], refusal: (error as Refusal).code };
}

export async function postNewEvidence(astro: Astro, type: CertificateType, supplierId: string): Promise<{ redirect: string } | EvidenceFormState> {
  const { app, actor, lang } = astro.locals;
  const { sent, ...kept } = await readCertified(astro, type);
  try {
    const id = await addEvidence(app.db, app.types, actor, { supplierId, type: type.id }, sent, app.clock.now(), today(app.clock));
    return { redirect: `${pathTo('evidence', lang, { id })}?gjort=gemt` };
  } catch (error) {
    return stateOf(error, kept);
  }
}

/** Renews, then files the new version for the tasks that are ticked. The renewal holds even where filing is refused. */
export async function postRenewal(astro: Astro, evidence: WholeEvidence, type: CertificateType): Promise<{ redirect: string } | EvidenceFormState> {
  const { app, actor, lang } = astro.locals;
  const { sent, fields, ...kept } = await readCertified(astro, type);
  const [now, day] = [app.clock.now(), today(app.clock)];
  const page = pathTo('evidence', lang, { id: evidence.id });
  try {
    await renewEvidence(app.db, app.types, actor, evidence.id, Number.parseInt(fields['number'] ?? '', 10) || 0, sent, now, day);
  } catch (error) {
    return stateOf(error, kept);
  }
  if (kept.ticked.length === 0) return { redirect: `${page}?gjort=fornyet` };
  try {
    const filed = await fileForMany(app.db, app.followup, actor, evidence.id, { obligationIds: kept.ticked, formKey: kept.formKey, lang }, now, day);
    return { redirect: `${page}?gjort=${filed.length}` };
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof InvalidInput)) throw error;
    return { redirect: `${page}?gjort=fornyet&afvist=${error instanceof Refusal ? error.code : 'answers'}` };
  }
}

/** What is done on the page of a certificate: filed for tasks, or withdrawn. */
export async function postEvidence(astro: Astro, evidence: WholeEvidence): Promise<{ redirect: string } | EvidenceFormState> {
  const { app, actor, lang } = astro.locals;
  const fields = await readFields(astro.request);
  const kept = { ...blank(), formKey: keyIn(fields), ticked: tickedIn(fields), reason: fields['reason'] };
  const page = pathTo('evidence', lang, { id: evidence.id });
  const [now, day] = [app.clock.now(), today(app.clock)];
  try {
    if (fields['intent'] === 'withdraw') {
      await withdrawEvidence(app.db, actor, evidence.id, fields['reason'] ?? '', now);
      return { redirect: `${page}?gjort=trukket` };
    }
    const filed = await fileForMany(app.db, app.followup, actor, evidence.id, { obligationIds: kept.ticked, formKey: kept.formKey, lang }, now, day);
    return { redirect: `${page}?gjort=${filed.length}` };
  } catch (error) {
    // Answers that a newer version of the type no longer takes: the task's own form says which.
    if (error instanceof InvalidInput && fields['intent'] !== 'withdraw') return { ...kept, status: 400, refusal: 'answers' };
    return stateOf(error, kept);
  }
}
