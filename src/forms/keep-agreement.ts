import type { AstroGlobal } from 'astro';
import type { AgreementContent } from '../agreements/content.ts';
import { type Begun, dropDraft, type KeepRefusal, publishDraft, saveDraft, withdraw, workbenchOf } from '../agreements/draft.ts';
import { type FieldFault, fingerprint, type Typed } from '../agreements/staff/form.ts';
import { keepMessages } from '../agreements/staff/messages.ts';
import { knownFor } from '../agreements/staff/queries.ts';
import { readTyped } from '../agreements/staff/read.ts';
import { catalogueOf } from '../content/catalogue.ts';
import { pathTo } from '../i18n/routes.ts';
import { Refusal } from '../platform/refusal.ts';
import { BrokenForm, readForm } from '../web/form.ts';
import { statusOf } from '../web/problem.ts';

interface KeepFormState {
  readonly status: number;
  readonly faults: readonly FieldFault[];
  readonly refusal: string | null;
  /** What was typed; null where the form had no fields of the agreement, or nothing was changed in them. */
  readonly typed: Typed | null;
  readonly begun: Begun;
  /** What was typed, where a colleague was faster. */
  readonly mine: { readonly content: AgreementContent; readonly begun: Begun } | null;
}

/** Somebody else has saved, published or ended something since the form was opened. */
const overtaken = new Set<string>(['draft-changed', 'draft-ended', 'site-changed'] satisfies KeepRefusal[]);

/** What a posted form of an agreement does: save, save and publish, throw the draft away, withdraw. */
export async function postAgreement(astro: Pick<AstroGlobal, 'request' | 'locals'>, number: string | null): Promise<{ redirect: string } | KeepFormState> {
  const { app, actor, lang } = astro.locals;
  const t = keepMessages[lang];
  const { fields } = await readForm(astro.request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return { fields: {} as Readonly<Record<string, string>> };
    throw error;
  });
  const now = app.clock.now();
  const whole = (name: string): number => Number.parseInt(fields[name] ?? '0', 10) || 0;
  let begun = { revision: whole('revision'), version: whole('version') };
  const note = (fields['note'] ?? '').trim().slice(0, 300);
  const back = (what: string, of = number ?? ''): { redirect: string } => ({ redirect: `${pathTo('keepAgreement', lang, { number: of })}?gemt=${what}` });
  const chosen = Object.keys(fields).flatMap((name) => (name.startsWith('requirement-') ? [name.slice('requirement-'.length)] : []));
  const typed: Typed = { ...fields, requirements: chosen.join('\n'), ...(number && { number }) };
  const state = { status: 200, faults: [], refusal: null, typed, begun, mine: null };
  const failed = (error: unknown, content: AgreementContent | null): KeepFormState => {
    const status = statusOf(error);
    if (status === null || !(error instanceof Refusal)) throw error;
    const isChanged = content !== null && fingerprint(content) !== fields['opened'];
    const words = t.refusals[error.code as KeepRefusal] ?? error.code;
    if (!overtaken.has(error.code)) return { ...state, status, refusal: words, typed: content && typed, begun };
    return {
      ...state,
      status,
      refusal: `${words} ${isChanged ? t.stillHere : t.nothingDone}`,
      typed: isChanged ? typed : null,
      begun,
      mine: isChanged ? { content, begun } : null,
    };
  };
  const bench = number ? await workbenchOf(app.db, actor, number) : null;
  try {
    if (number && fields['intent'] === 'drop') {
      await dropDraft(app.db, actor, number, begun.revision);
      return bench?.published ? back('kasseret') : { redirect: `${pathTo('register', lang)}?gemt=kasseret` };
    }
    if (number && fields['intent'] === 'withdraw') {
      await withdraw(app.db, actor, number, note, now);
      return back('trukket');
    }
  } catch (error) {
    return failed(error, null);
  }
  const { content, faults } = readTyped(typed, bench?.draft?.content ?? bench?.published ?? null, await knownFor(app.db, typed));
  if (!content) return { ...state, status: 400, faults };
  if (fields['intent'] === 'resume') return state;
  try {
    begun = { ...begun, revision: await saveDraft(app.db, actor, content, begun, number === null, now) };
    if (!number || fields['intent'] !== 'publish') return back('kladde', content.number);
    await publishDraft(app.db, actor, number, begun.revision, note, catalogueOf(app.content.current()), now);
    return back('udgivet');
  } catch (error) {
    return failed(error, content);
  }
}
