import fs from 'node:fs/promises';
import type { AstroGlobal } from 'astro';
import { placeOf } from '../../alerts/address.ts';
import type { App } from '../../app.ts';
import { attachmentHeader, kinds } from '../../documents/kind.ts';
import { type ObligationType, type TableField, tableOf } from '../../followup/obligation-type.ts';
import type { Language } from '../../i18n/language.ts';
import { countAttempts } from '../../identity/attempts.ts';
import { today } from '../../platform/clock.ts';
import { type AskedName, readAsked } from '../../returns/asked.ts';
import { type CheckContext, checkFile, type ReturnFile } from '../../returns/check.ts';
import type { Report } from '../../returns/check-rows.ts';
import { findingsList, markedFile } from '../../returns/marked.ts';
import { refusalIn, refusalWords } from '../../returns/refusal.ts';
import { type Asked, registerFacts } from '../../returns/register.ts';
import { checkMessages } from '../../returns/words/page.ts';
import { BrokenForm, type PostedForm, readForm } from '../../web/form.ts';
import { forgetAfter, type Passing, passing } from '../../web/passing.ts';

type Astro = Pick<AstroGlobal, 'request' | 'locals'>;

/** A kind of return whose lines come as a file. */
export interface CheckableType {
  readonly type: ObligationType;
  readonly table: TableField;
}

export function checkableTypes({ types }: Pick<App, 'types'>): CheckableType[] {
  return [...types.values()].flatMap((type) => {
    const table = tableOf(type);
    return table ? [{ type, table }] : [];
  });
}

/** Files that one place may have checked in a quarter of an hour. */
const mostFromOne = 120;

export async function mayCheck({ app, clientAddress }: App.Locals): Promise<boolean> {
  const [count = 0] = await countAttempts(app.db, [`check:${placeOf(clientAddress)}`]);
  return count <= mostFromOne;
}

/** What a file is, whatever it is called: a workbook is a ZIP, or the older container in which one is locked by a password. */
async function kindOf(path: string): Promise<ReturnFile['kind']> {
  const file = await fs.open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return ['PK\x03\x04', '\xd0\xcf\x11\xe0'].includes(buffer.toString('latin1')) ? 'xlsx' : 'csv';
  } finally {
    await file.close();
  }
}

export const fileAt = async (path: string): Promise<ReturnFile> => ({ path, kind: await kindOf(path) });

export async function contextFor(app: App, table: TableField, asked: Asked): Promise<CheckContext> {
  return { table, asked, facts: await registerFacts(app.db, asked), today: today(app.clock) };
}

/** Why a file cannot be read, in one or two sentences; null when that is not what was thrown. */
export function refusalOf(error: unknown, kind: ReturnFile['kind'], lang: Language): { readonly code: string; readonly line: number | null; readonly message: string } | null {
  const refusal = refusalIn(error, kind);
  return refusal && { code: refusal.code, line: refusal.line, message: refusalWords(refusal, lang) };
}

/** What stands in the form of the page. */
export interface TypedCheck {
  readonly type: string;
  readonly supplier: string;
  readonly agreement: string;
  readonly period: string;
}

export interface CheckOutcome {
  readonly status: 200 | 400 | 422 | 429 | 503;
  readonly typed: TypedCheck;
  /** What is wrong with a field of the form, by its name. */
  readonly faults: Readonly<Partial<Record<AskedName | 'file', string>>>;
  readonly result?: { readonly name: string; readonly report: Report; readonly asked: Asked };
}

/** Findings that a page shows; the rest is in the files that it gives. */
const mostOnPage = 200;

const nothingTyped: TypedCheck = { type: '', supplier: '', agreement: '', period: '' };
const refused = (status: CheckOutcome['status'], message: string, typed = nothingTyped): CheckOutcome => ({ status, typed, faults: { file: message } });

/** Checks the file of the page's form: what came of it, or the file that was asked for. Nothing of it is kept. */
export async function postCheck(astro: Astro): Promise<CheckOutcome | Response> {
  const { app, lang } = astro.locals;
  const t = checkMessages[lang];
  if (!(await mayCheck(astro.locals))) return refused(429, t.tooMany);
  const place = await passing();
  if (!place) return refused(503, t.busy);
  let sending = false;
  try {
    const form = await readForm(astro.request, { files: place.files, limitBytes: app.config.maxFileBytes, kinds: ['csv', 'xlsx'], unseen: true });
    const { outcome, faults } = await place.files.local(shaIn(form), (path) => answer(app, form, path, lang));
    if (!faults) return outcome;
    sending = true;
    return sendFaultsFile(faults, place);
  } catch (error) {
    if (error instanceof BrokenForm) return refused(400, t.brokenForm);
    throw error;
  } finally {
    if (!sending) await place.forget();
  }
}

const noFile = '0'.repeat(64);

function shaIn({ uploads: [upload] }: PostedForm): string {
  return upload && 'sha256' in upload ? upload.sha256 : noFile;
}

interface Answer {
  readonly outcome: CheckOutcome;
  /** The file that was asked for instead of the page. */
  readonly faults?: FaultsFile;
}

/** The same lines with their faults marked, or the list of them, to be saved. */
export interface FaultsFile {
  readonly name: string;
  readonly kind: ReturnFile['kind'];
  readonly stream: ReadableStream<Uint8Array>;
}

/** Reads the file once more, of which the first reading made the report. */
export async function faultsFile(
  what: 'marked' | 'list',
  file: ReturnFile,
  context: CheckContext,
  { name, report, lang }: { readonly name: string; readonly report: Pick<Report, 'width'>; readonly lang: Language },
): Promise<FaultsFile> {
  const t = checkMessages[lang];
  const base = name.replace(/\.[^.]*$/, '');
  if (what === 'list') return { name: `${base}-${t.listName}.csv`, kind: 'csv', stream: await findingsList(file, context, lang) };
  const stream = await markedFile(file, context, { width: report.width, sheet: context.table.label[lang], lang });
  return { name: `${base}-${t.markedName}.${file.kind}`, kind: file.kind, stream };
}

/** Sends it, and forgets the place in which what it is made from lies. */
export function sendFaultsFile({ name, kind, stream }: FaultsFile, place: Passing): Response {
  const headers = {
    'content-type': kind === 'xlsx' ? kinds.xlsx.mediaType : 'text/csv; charset=utf-8',
    'content-disposition': attachmentHeader(name),
    'cache-control': 'no-store',
  };
  return new Response(forgetAfter(stream, place), { headers });
}

async function answer(app: App, { fields, uploads }: PostedForm, path: string, lang: Language): Promise<Answer> {
  const t = checkMessages[lang];
  const all = checkableTypes(app);
  const typed: TypedCheck = { type: fields['type'] ?? '', supplier: fields['supplier'] ?? '', agreement: fields['agreement'] ?? '', period: fields['period'] ?? '' };
  const { table } = all.find(({ type }) => type.id === typed.type) ?? (all[0] as CheckableType);
  const { asked, faults: wrong } = readAsked(typed);
  const words = { supplier: t.badSupplier, agreement: t.badAgreement, period: t.badPeriod };
  const faults: Partial<Record<AskedName | 'file', string>> = Object.fromEntries(wrong.map((name) => [name, words[name]]));
  const [upload] = uploads;
  if (!upload) faults.file = t.noFile;
  else if ('fault' in upload) faults.file = t.fileFaults[upload.fault];
  else if (uploads.length > 1) faults.file = t.fileFaults['too-many-files'];
  if (!upload || Object.keys(faults).length > 0) return { outcome: { status: 400, typed, faults } };

  const file = await fileAt(path);
  const context = await contextFor(app, table, asked);
  try {
    const report = await checkFile(file, context, mostOnPage);
    const outcome: CheckOutcome = { status: 200, typed, faults: {}, result: { name: upload.name, report, asked } };
    const what = fields['intent'];
    return what === 'marked' || what === 'list' ? { outcome, faults: await faultsFile(what, file, context, { name: upload.name, report, lang }) } : { outcome };
  } catch (error) {
    const refusal = refusalOf(error, file.kind, lang);
    if (!refusal) throw error;
    return { outcome: refused(422, refusal.message, typed) };
  }
}
