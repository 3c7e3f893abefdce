import { randomUUID } from 'node:crypto';
import type { AstroGlobal } from 'astro';
import { nameMentionsCpr } from '../../documents/checks/words/cpr.ts';
import { dropUpload } from '../../documents/dropped-upload.ts';
import type { UploadFault } from '../../documents/kind.ts';
import type { RawAnswers } from '../../followup/answers.ts';
import { beginCorrection, callOffCorrection } from '../../followup/correction/correct.ts';
import { attach, detach, saveDraft } from '../../followup/draft.ts';
import { takeFromLibrary } from '../../followup/library/use.ts';
import { linesKeys } from '../../followup/lines.ts';
import { typeOf } from '../../followup/obligation-type.ts';
import type { WholeObligation } from '../../followup/queries.ts';
import { type SubmitFault, submit } from '../../followup/submit.ts';
import { pathTo } from '../../i18n/routes.ts';
import { today } from '../../platform/clock.ts';
import { type Fault, InvalidInput, Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';
import { BrokenForm, readForm, type UsableFile } from '../../web/form.ts';
import { statusOf } from '../../web/problem.ts';

export interface TaskFormState {
  readonly status: number;
  readonly faults: readonly Fault<SubmitFault | UploadFault>[];
  /** Names of the files that could not be used, in the order of their faults. */
  readonly unusable: readonly { readonly name: string; readonly code: UploadFault }[];
  readonly refusal?: string;
  readonly typed?: RawAnswers;
  readonly version?: number;
  readonly formKey: string;
  /** It was ticked that there is nothing to report. */
  readonly nothing?: boolean;
}

/**
 * The form of a task. Files are taken first and kept with the draft whatever else is wrong; then what was typed is
 * saved; then, if that was the button, it is filed.
 */
export async function postTask(astro: Pick<AstroGlobal, 'request' | 'locals'>, task: WholeObligation): Promise<{ redirect: string } | TaskFormState> {
  const { app, actor, lang } = astro.locals;
  const type = typeOf(app.types, task.type);
  const take = type.files === 'none' ? undefined : { files: app.files, limitBytes: app.config.maxFileBytes, kinds: type.evidence };
  const form = await readForm(astro.request, take).catch((error: unknown) => {
    if (error instanceof BrokenForm) return null;
    throw error;
  });
  if (!form) return { status: 400, faults: [], unusable: [], refusal: 'broken-form', formKey: randomUUID() };

  const { fields } = form;
  const now = app.clock.now();
  const typed = Object.fromEntries([
    ...type.fields.map((field) => [field.key, fields[`answer-${field.key}`] ?? '']),
    ...(fields['word'] === undefined ? [] : [[linesKeys.word, fields['word']]]),
  ]);
  const usable = form.uploads.filter((upload): upload is UsableFile => !('fault' in upload));
  const reused = task.files.filter((file) => file.submission_id !== null && file.erased_at === null && fields[`reuse-${file.id}`] === 'true');
  const files = [...usable, ...reused.map(({ name, kind, sha256, size_bytes }) => ({ name, kind, sha256, sizeBytes: size_bytes }))];
  const unusable = form.uploads.flatMap((upload) => ('fault' in upload ? [{ name: upload.name, code: upload.fault }] : []));
  const intent = fields['intent'] ?? 'save';
  const formKey = isUuid(fields['form-key'] ?? '') ? (fields['form-key'] ?? '') : randomUUID();
  const round = Number.parseInt(fields['round'] ?? '0', 10) || 0;
  let version = Number.parseInt(fields['version'] ?? '0', 10) || 0;
  const lines = { seen: fields['lines'] ?? '', nothing: fields['nothing'] === 'true' };
  const page = pathTo('task', lang, { id: task.id });

  try {
    if (intent === 'correct') {
      await beginCorrection(app.db, actor, task.id, now);
      return { redirect: page };
    }
    if (intent === 'call-off') {
      await callOffCorrection(app.db, actor, task.id);
      return { redirect: `${page}?gemt=opgivet` };
    }
    const cut = form.cut.map((name) => ({ field: name.replace(/^answer-/, ''), code: 'too-long' as const }));
    if (cut.length > 0) return { status: 400, faults: cut, unusable, typed, version, formKey };
    if (files.length > 0) await attach(app.db, app.types, actor, task.id, files, now);
    if (intent.startsWith('use:')) {
      await takeFromLibrary(app.db, app.followup, actor, intent.slice('use:'.length), task.id, lang, now, today(app.clock));
      return { redirect: `${page}?gemt=certifikat` };
    }
    if (intent.startsWith('remove:')) await detach(app.db, actor, task.id, [intent.slice('remove:'.length)]);
    if (intent.startsWith('drop:')) await dropUpload(app.db, app.files, actor, task.id, intent.slice('drop:'.length));
    version = await saveDraft(app.db, actor, task.id, typed, version, now);
    if (unusable.length > 0) return { status: 400, faults: unusable.map(({ code }) => ({ field: 'files', code })), unusable, typed, version, formKey };
    if (intent !== 'file') return { redirect: `${page}?gemt=${intent.startsWith('remove:') ? 'fil' : intent.startsWith('drop:') ? 'afbrudt' : 'kladde'}` };
    // A page without script could not ask before: the name stands on the receipt for good.
    if (usable.some(({ name }) => nameMentionsCpr(name))) return { redirect: `${page}?gemt=navn` };
    const id = await submit(app.db, app.followup, actor, task.id, { answers: typed, formKey, round, lang, lines }, now);
    return { redirect: pathTo('receipt', lang, { id }) };
  } catch (error) {
    const status = statusOf(error);
    if (status === null || status === 404) throw error;
    if (error instanceof InvalidInput) {
      // Its sender could not know yet what the lines add up to: the page says it, and the next press files.
      if (lines.seen === '' && error.faults.every(({ code }) => code === 'lines-changed' || code === 'lines-being-read')) return { redirect: `${page}?gemt=linjer` };
      return { status, faults: error.faults as Fault<SubmitFault>[], unusable, typed, version, formKey, nothing: lines.nothing };
    }
    const { code, facts } = error as Refusal;
    const filed = intent === 'file' && code === 'already-filed' ? await filedBefore(astro, task, typed, formKey, now) : null;
    if (filed) return { redirect: pathTo('receipt', lang, { id: filed }) };
    return { status, faults: [], unusable, refusal: code, typed, version: Number(facts['version'] ?? version), formKey: code === 'returned-meanwhile' ? randomUUID() : formKey };
  }
}

/** The receipt of this very form, when a double click or a repeated request has filed it already. */
async function filedBefore(astro: Pick<AstroGlobal, 'locals'>, task: WholeObligation, answers: RawAnswers, formKey: string, now: Date): Promise<string | null> {
  const { app, actor, lang } = astro.locals;
  try {
    return await submit(app.db, app.followup, actor, task.id, { answers, formKey, round: 0, lang }, now);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
