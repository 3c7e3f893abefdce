import { buffer } from 'node:stream/consumers';
import type { AstroGlobal } from 'astro';
import { catalogueOf } from '../content/catalogue.ts';
import { pathTo } from '../i18n/routes.ts';
import { asKeeper } from '../identity/keeper.ts';
import { today } from '../platform/clock.ts';
import { Refusal } from '../platform/refusal.ts';
import { largestNotice, type Received, receiveNotice } from '../tenders/notices/receive.ts';
import type { TenderPublication } from '../tenders/publish.ts';
import { tenderById } from '../tenders/queries.ts';
import { type FieldFault, readTypedTender, type TypedTender } from '../tenders/staff/form.ts';
import { dropTenderDraft, type KeepTenderRefusal, publishTenderDraft, saveTenderDraft, tenderBenchOf } from '../tenders/staff/keep.ts';
import { keepTenderMessages } from '../tenders/staff/messages.ts';
import { tellFollowers } from '../tenders/tell.ts';
import { BrokenForm, readForm } from '../web/form.ts';
import { statusOf } from '../web/problem.ts';
import { type AnswerState, postAnswer } from './questions.ts';

type Astro = Pick<AstroGlobal, 'request' | 'locals'>;

interface TenderFormState {
  readonly status: number;
  readonly faults: readonly FieldFault[];
  readonly refusal: string | null;
  /** What was typed; null where the form had no fields of the tender. */
  readonly typed: TypedTender | null;
  readonly revision: number;
}

function publicationFor({ locals: { app, actor } }: Astro, note: string): TenderPublication {
  return { catalogue: catalogueOf(app.content.current()), now: app.clock.now(), by: actor.accountId, note, tell: tellFollowers };
}

/** What a posted form of a tender does: save, publish, throw the draft away; answer a question that it was asked. */
export async function postTender(astro: Astro, id: null): Promise<{ redirect: string } | TenderFormState>;
export async function postTender(astro: Astro, id: string): Promise<{ redirect: string } | TenderFormState | AnswerState>;
export async function postTender(astro: Astro, id: string | null): Promise<{ redirect: string } | TenderFormState | AnswerState> {
  const { app, actor, lang } = astro.locals;
  const { fields } = await readForm(astro.request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return { fields: {} as Readonly<Record<string, string>> };
    throw error;
  });
  const tender = id && fields['question'] ? await tenderById(app.db, id) : null;
  if (tender) return postAnswer(astro, fields, tender);
  const revision = Number.parseInt(fields['revision'] ?? '0', 10) || 0;
  const note = (fields['note'] ?? '').trim().slice(0, 300);
  const back = (what: string, of: string): { redirect: string } => ({ redirect: `${pathTo('keepTender', lang, { id: of })}?gemt=${what}` });
  const failed = (error: unknown, typed: TypedTender | null): TenderFormState => {
    const status = statusOf(error);
    if (status === null || !(error instanceof Refusal)) throw error;
    return { status, faults: [], refusal: keepTenderMessages[lang].refusals[error.code as KeepTenderRefusal] ?? error.code, typed, revision };
  };
  try {
    if (id && fields['intent'] === 'publish') {
      await publishTenderDraft(app.db, actor, id, revision, publicationFor(astro, note));
      return back('udgivet', id);
    }
    if (id && fields['intent'] === 'drop') {
      const bench = await tenderBenchOf(app.db, actor, id);
      await dropTenderDraft(app.db, actor, id);
      return bench?.published ? back('kasseret', id) : { redirect: pathTo('keepTenders', lang) };
    }
  } catch (error) {
    return failed(error, null);
  }
  const chosen = Object.keys(fields).flatMap((name) => (name.startsWith('requirement-') ? [name.slice('requirement-'.length)] : []));
  const typed: TypedTender = { ...fields, requirements: chosen.join('\n'), nuts: app.municipality.nuts };
  const bench = id ? await tenderBenchOf(app.db, actor, id) : null;
  const { content, faults } = readTypedTender(typed, bench?.draft?.content ?? bench?.published ?? null);
  if (!content) return { status: 400, faults, refusal: null, typed, revision };
  if (fields['intent'] === 'resume') return { status: 200, faults: [], refusal: null, typed, revision };
  try {
    await saveTenderDraft(app.db, actor, content, revision, id === null, app.clock.now());
    return back('kladde', content.id);
  } catch (error) {
    return failed(error, typed);
  }
}

export interface NoticesState {
  readonly received: readonly { readonly name: string; readonly outcome: Received }[];
  readonly fault: string | null;
  readonly anyBuyer: boolean;
}

/** Takes notices in, each in a transaction of its own: what is wrong with one does not keep the others out. */
export async function postNotices(astro: Astro): Promise<NoticesState> {
  const { app, actor, lang } = astro.locals;
  const t = keepTenderMessages[lang];
  const { fields, uploads } = await readForm(astro.request, { files: app.files, limitBytes: largestNotice, kinds: ['xml'] });
  const anyBuyer = fields['anyBuyer'] === 'true';
  const received: NoticesState['received'][number][] = [];
  for (const upload of uploads) {
    if ('fault' in upload) continue;
    const bytes = await buffer(await app.files.read(upload.sha256));
    const outcome = await asKeeper(app.db, actor, (tx) =>
      receiveNotice(
        tx,
        { name: upload.name, bytes },
        { ...publicationFor(astro, ''), files: app.files, cvr: app.municipality.cvr, anyBuyer, byName: actor.name, today: today(app.clock) },
      ),
    );
    received.push({ name: upload.name, outcome });
  }
  const wrong = uploads.flatMap((upload) => ('fault' in upload ? [`${upload.name}: ${t.fileFault[upload.fault]}`] : []));
  return { received, anyBuyer, fault: uploads.length === 0 ? t.noFiles : wrong.join(' ') || null };
}
