import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { AstroGlobal } from 'astro';
import { kinds, kindsOfContract } from '../agreements/content.ts';
import type { KeepRefusal } from '../agreements/draft.ts';
import { columnFields, headerKey, type Mapping } from '../agreements/import/columns.ts';
import { importAgreements, mostNamed, previewImport } from '../agreements/import/import.ts';
import { type List, type ListFile, mergedLines, openList, sheetsOf } from '../agreements/import/list.ts';
import { importMessages } from '../agreements/import/messages.ts';
import type { ImportChoices } from '../agreements/import/row.ts';
import { undoImport } from '../agreements/import/undo.ts';
import { keepMessages } from '../agreements/staff/messages.ts';
import { rememberedMapping } from '../agreements/staff/queries.ts';
import { importContextOf } from '../content/catalogue.ts';
import type { Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import { asKeeper } from '../identity/keeper.ts';
import type { Files } from '../platform/files/files.ts';
import { Refusal } from '../platform/refusal.ts';
import { UnreadableSheet } from '../spreadsheet/read.ts';
import { readForm } from '../web/form.ts';
import { statusOf } from '../web/problem.ts';

type Astro = Pick<AstroGlobal, 'request' | 'locals' | 'url'>;

/** More than these are brought in by the command: a request that takes minutes is none that a browser waits for. */
export const mostInBrowser = 20_000;

/** Takes the list that was chosen into the file store; resolves to the address of its preview, or to what is wrong with it. */
export async function postList({ request, locals }: Astro): Promise<{ redirect: string } | { fault: string }> {
  const { app, lang } = locals;
  const t = keepMessages[lang].uploadFault;
  const { uploads } = await readForm(request, { files: app.files, limitBytes: app.config.maxFileBytes, kinds: ['csv', 'xlsx'] });
  const [upload] = uploads;
  if (!upload) return { fault: t.none };
  if ('fault' in upload) return { fault: t[upload.fault] };
  return { redirect: `${pathTo('importPreview', lang, { file: upload.sha256 })}?${new URLSearchParams({ navn: upload.name, slags: upload.kind })}` };
}

/** Runs work on the stored list that an address names, through a copy that another process may read. */
async function withCopy<T>(files: Files, sha256: string, params: URLSearchParams, work: (file: ListFile) => Promise<T>): Promise<T> {
  const kind = params.get('slags') === 'xlsx' ? 'xlsx' : 'csv';
  const sheet = params.get('ark');
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'portal-list-'));
  try {
    const copy = path.join(folder, `list.${kind}`);
    await pipeline(await files.read(sha256), createWriteStream(copy));
    return await work({ path: copy, kind, ...(sheet && { sheet }) });
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

function choicesIn(params: URLSearchParams): ImportChoices {
  return {
    kind: kinds.find((kind) => kind === params.get('kind')) ?? 'contract',
    kindOfContract: kindsOfContract.find((kind) => kind === params.get('kindOfContract')) ?? 'supplies',
    acceptCvr: params.get('acceptCvr') === 'true',
    bringBack: params.get('bringBack') === 'true',
  };
}

/** The columns as chosen in the address, else as the same list was read last time, else as guessed. */
async function mappingFor({ locals: { app, actor }, url: { searchParams: params } }: Astro, list: List): Promise<Mapping> {
  if (params.has('valgt')) {
    const places = columnFields.flatMap((field) => {
      const place = params.get(`k-${field}`);
      return place && /^\d{1,3}$/.test(place) && Number(place) < list.header.length ? [[field, Number(place)] as const] : [];
    });
    return Object.fromEntries(places);
  }
  const remembered = await rememberedMapping(app.db, actor, headerKey(list.header));
  return (remembered as Mapping | null) ?? list.guessed;
}

/** What the list at this address would do; `fault` when it cannot be read; null when there is no such file. */
export async function previewOf(astro: Astro, sha256: string) {
  const { app, actor, lang } = astro.locals;
  const params = astro.url.searchParams;
  try {
    return await withCopy(app.files, sha256, params, async (file) => {
      const sheets = await sheetsOf(file);
      const list = await openList(file);
      const mapping = await mappingFor(astro, list);
      const choices = choicesIn(params);
      const preview = await asKeeper(app.db, actor, (tx) => previewImport(tx, list, mapping, choices, importContextOf(app.content.current())));
      const merged = await mergedLines(file, list.headerLine);
      const read = { kind: file.kind, sheets, sheet: file.sheet ?? sheets[0] ?? '', merged: merged.slice(0, mostNamed) };
      return { file: sha256, ...read, name: params.get('navn') ?? '', header: list.header, headerLine: list.headerLine, mapping, choices, preview };
    });
  } catch (error) {
    if (error instanceof UnreadableSheet) return { fault: `${importMessages[lang].sheet[error.code]}${error.line ? ` ${importMessages[lang].at(error.line, '')}.` : ''}` };
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Why something with a list was refused, and its status; throws what is no refusal. */
function refusalIn(error: unknown, lang: Language): { status: number; refusal: string } {
  const status = statusOf(error);
  if (status === null) throw error;
  return { status, refusal: keepMessages[lang].refusals[(error as Refusal).code as KeepRefusal] };
}

/** Brings the list at this address in, all that is right of it in one transaction. Resolves to where the result is shown. */
export async function postImport(astro: Astro, sha256: string): Promise<{ redirect: string } | { status: number; refusal?: string; noteMissing?: true; note: string }> {
  const { app, actor, lang } = astro.locals;
  const params = astro.url.searchParams;
  const { fields } = await readForm(astro.request);
  const note = (fields['note'] ?? '').trim().slice(0, 200);
  if (choicesIn(params).acceptCvr && note === '') return { status: 400, noteMissing: true, note };
  const bringIn = withCopy(app.files, sha256, params, async (file) => {
    const list = await openList(file);
    const mapping = await mappingFor(astro, list);
    const about = {
      reader: app.db,
      fileName: params.get('navn') ?? '',
      by: actor.accountId,
      byName: actor.name,
      now: app.clock.now(),
      note,
    };
    return asKeeper(app.db, actor, (tx) => importAgreements(tx, list, mapping, choicesIn(params), importContextOf(app.content.current()), about));
  });
  return bringIn.then(
    ({ created, changed, unchanged, back, left }) => ({
      redirect: `${pathTo('register', lang)}?${new URLSearchParams({ hentet: [created, changed, unchanged, back, left].join(' ') })}`,
    }),
    (error: unknown) => ({ ...refusalIn(error, lang), note }),
  );
}

/** Undoes a whole import. */
export async function postUndo(astro: Astro): Promise<{ redirect: string } | { status: number; refusal: string }> {
  const { app, actor, lang } = astro.locals;
  const { fields } = await readForm(astro.request);
  const id = fields['undo'] ?? '';
  try {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new Refusal<KeepRefusal>('not-found');
    const { undone, kept } = await asKeeper(app.db, actor, (tx) => undoImport(tx, id, importContextOf(app.content.current()), { by: actor.accountId, now: app.clock.now() }));
    return { redirect: `${pathTo('register', lang)}?${new URLSearchParams({ fortrudt: [undone, kept.length, ...kept.slice(0, mostNamed)].join(' ') })}` };
  } catch (error) {
    return refusalIn(error, lang);
  }
}
