import type { AstroGlobal } from 'astro';
import { type Begun, dropDraft, type KeepRefusal, publishDraft, saveDraft, withdraw, workbenchOf } from '../agreements/draft.ts';
import { type FormFault, readTyped, type Typed } from '../agreements/staff/form.ts';
import { keepMessages } from '../agreements/staff/messages.ts';
import { catalogueOf } from '../content/catalogue.ts';
import { pathTo } from '../i18n/routes.ts';
import { Refusal } from '../platform/refusal.ts';
import { BrokenForm, readForm } from '../web/form.ts';
import { statusOf } from '../web/problem.ts';

interface KeepFormState {
  readonly status: number;
  readonly faults: readonly { readonly field: string; readonly code: FormFault }[];
  readonly refusal: string | null;
  /** What was typed; null where the form had no fields of the agreement. */
  readonly typed: Typed | null;
  readonly begun: Begun;
}

/** What a posted form of an agreement does: save, publish, throw the draft away, withdraw. */
export async function postAgreement(astro: Pick<AstroGlobal, 'request' | 'locals'>, number: string | null): Promise<{ redirect: string } | KeepFormState> {
  const { app, actor, lang } = astro.locals;
  const { fields } = await readForm(astro.request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return { fields: {} as Readonly<Record<string, string>> };
    throw error;
  });
  const now = app.clock.now();
  const whole = (name: string): number => Number.parseInt(fields[name] ?? '0', 10) || 0;
  const begun = { revision: whole('revision'), version: whole('version') };
  const note = (fields['note'] ?? '').trim().slice(0, 300);
  const back = (what: string, of = number ?? ''): { redirect: string } => ({ redirect: `${pathTo('keepAgreement', lang, { number: of })}?gemt=${what}` });
  const chosen = Object.keys(fields).flatMap((name) => (name.startsWith('requirement-') ? [name.slice('requirement-'.length)] : []));
  const typed: Typed = { ...fields, requirements: chosen.join('\n'), ...(number && { number }) };
  const failed = (error: unknown, kept: Typed | null): KeepFormState => {
    const status = statusOf(error);
    if (status === null || !(error instanceof Refusal)) throw error;
    return { status, faults: [], refusal: keepMessages[lang].refusals[error.code as KeepRefusal] ?? error.code, typed: kept, begun };
  };
  try {
    if (number && fields['intent'] === 'publish') {
      await publishDraft(app.db, actor, number, begun.revision, note, catalogueOf(app.content.current()), now);
      return back('udgivet');
    }
    if (number && fields['intent'] === 'drop') {
      await dropDraft(app.db, actor, number, begun.revision);
      return back('kasseret');
    }
    if (number && fields['intent'] === 'withdraw') {
      await withdraw(app.db, actor, number, note, now);
      return back('trukket');
    }
  } catch (error) {
    return failed(error, null);
  }
  const bench = number ? await workbenchOf(app.db, actor, number) : null;
  const { content, faults } = readTyped(typed, bench?.draft?.content ?? bench?.published ?? null);
  if (!content) return { status: 400, faults, refusal: null, typed, begun };
  if (fields['intent'] === 'resume') return { status: 200, faults: [], refusal: null, typed, begun };
  try {
    await saveDraft(app.db, actor, content, begun, number === null, now);
    return back('kladde', content.number);
  } catch (error) {
    return failed(error, typed);
  }
}
