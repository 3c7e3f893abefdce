import type { APIContext } from 'astro';
import { checkAnswers } from '../../followup/answers.ts';
import { type ObligationType, tableOf } from '../../followup/obligation-type.ts';
import type { WholeObligation } from '../../followup/queries.ts';
import type { ProblemError } from '../../opendata/lists/schemas.ts';
import { checkFile } from '../../returns/check.ts';
import { reportForMachines } from '../../returns/programs/report.ts';
import { privateJson, privateProblem } from '../../web/machine.ts';
import { passing } from '../../web/passing.ts';
import { contextFor, fileAt, refusalOf } from '../supplier/check-file.ts';
import { fileOfLines, receive } from './receive.ts';
import { askedOf } from './told.ts';
import { bodyError, faultError } from './words.ts';

const mostFindings = 10_000;

/** Checks what was sent against what this obligation asks for, in whatever state it is, and keeps nothing. */
export async function dryRun(context: APIContext, task: WholeObligation, type: ObligationType): Promise<Response> {
  const { app } = context.locals;
  const place = await passing();
  if (!place) return privateProblem(context, 'unavailable', [], { 'retry-after': '30' });
  try {
    const taking = { files: place.files, limitBytes: app.config.maxFileBytes };
    const sent = await receive(context, task, type, taking);
    if (sent instanceof Response) return sent;
    const body = 'body' in sent ? sent.body : null;
    if (body && !body.lines && !body.nothing && !body.answers) return privateProblem(context, 'bad-body', [bodyError({ code: 'nothing-to-check', place: '' })]);
    const answerErrors = body?.answers || !tableOf(type) ? checkAnswers(type, body?.answers ?? {}, 'da').faults.map(faultError) : [];
    const file = 'file' in sent ? sent.file : body?.lines ? await fileOfLines(task, type, body.lines, taking) : null;
    if (file === 'too-large') return privateProblem(context, 'too-large');
    const lines = file && (await place.files.local(file.sha256, (path) => checkedLines(context, task, type, path, body !== null)));
    if (lines instanceof Response) return lines;
    const errors = [...answerErrors, ...(lines?.errors ?? [])];
    const errorCount = answerErrors.length + (lines?.errorCount ?? 0);
    return privateJson({ dryRun: true, state: task.state, ...(lines ?? { type: type.id }), canBeFiled: errorCount === 0, errorCount, errors });
  } finally {
    await place.forget();
  }
}

async function checkedLines(context: APIContext, task: WholeObligation, type: ObligationType, path: string, fromLines: boolean) {
  const table = tableOf(type);
  if (!table) throw new Error(`the type ${type.id} has no lines`);
  const asked = askedOf(task);
  const file = await fileAt(path);
  try {
    const report = await checkFile(file, await contextFor(context.locals.app, table, asked), mostFindings);
    return reportForMachines(type.id, asked, report, fromLines);
  } catch (error) {
    const [danish, english] = [refusalOf(error, file.kind, 'da'), refusalOf(error, file.kind, 'en')];
    if (!danish || !english) throw error;
    const told: ProblemError = { code: danish.code, severity: 'error', ...(danish.line !== null && { row: danish.line }), message_da: danish.message, message_en: english.message };
    return privateProblem(context, 'unreadable-file', [told]);
  }
}
