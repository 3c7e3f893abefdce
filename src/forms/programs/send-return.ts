import { createHash, randomUUID } from 'node:crypto';
import type { APIContext } from 'astro';
import type { RawAnswers } from '../../followup/answers.ts';
import { detach, replaceLines, saveDraft } from '../../followup/draft.ts';
import { type ObligationType, typeOf } from '../../followup/obligation-type.ts';
import { taskOf, type WholeObligation } from '../../followup/queries.ts';
import { type SubmitFault, submit } from '../../followup/submit.ts';
import { filedWith } from '../../followup/supplier/for-programs.ts';
import { countAttempts } from '../../identity/attempts.ts';
import type { KeyActor } from '../../identity/keys/use.ts';
import type { ProblemError } from '../../opendata/lists/schemas.ts';
import { openDataMessages } from '../../opendata/messages.ts';
import { programPaths } from '../../opendata/programs.ts';
import { type Fault, InvalidInput, Refusal } from '../../platform/refusal.ts';
import type { DraftReturn } from '../../returns/kept/queries.ts';
import { privateJson, privateProblem } from '../../web/machine.ts';
import { statusOf } from '../../web/problem.ts';
import { linesOf } from '../supplier/task-lines.ts';
import { dryRun } from './dry-run.ts';
import { fileOfLines, receive, type Sent } from './receive.ts';
import { toldLines, toldSubmission } from './told.ts';
import { bodyError, faultError, refusalError } from './words.ts';

/** Bodies that one key may send in a quarter of an hour. */
const mostFromOne = 600;
/** So long a program waits for its lines to be read before it is told to ask again, in milliseconds. */
const patience = 5_000;

/** How a program asks for what it sends to be dealt with. */
interface Wish {
  readonly file: boolean;
  readonly dryRun: boolean;
  /** The same text from the same program is the same filing. */
  readonly formKey: string;
}

/** Takes a return from a supplier's program: checks it, keeps it as the draft, or files it. */
export async function sendReturn(context: APIContext, actor: KeyActor): Promise<Response> {
  const { app } = context.locals;
  const task = await taskOf(app.db, actor, context.params['id'] ?? '');
  if (!task) return privateProblem(context, 'not-found');
  const { wish, faults } = readWish(context, task.id);
  if (faults.length > 0) return privateProblem(context, 'bad-parameter', faults);
  const [sentBefore = 0] = await countAttempts(app.db, [`key-sends:${actor.key.id}`]);
  if (sentBefore > mostFromOne) return privateProblem(context, 'too-many', [], { 'retry-after': '900' });
  const type = typeOf(app.types, task.type);
  if (wish.dryRun) return dryRun(context, task, type);
  const sent = await receive(context, task, type, { files: app.files, limitBytes: app.config.maxFileBytes });
  if (sent instanceof Response) return sent;
  const filed = await filedBefore(context, actor, task, type, wish);
  if (filed) return filed;
  try {
    return await takeIn(context, actor, task, type, sent, wish);
  } catch (error) {
    if (error instanceof InvalidInput)
      return cannotBeFiled(
        context,
        task,
        (error.faults as Fault<SubmitFault>[]).map((fault) => faultError(fault)),
      );
    if (!(error instanceof Refusal)) throw error;
    if (statusOf(error) === 404) return privateProblem(context, 'not-found');
    // The same request was faster by another way.
    const meanwhile = error.code === 'already-filed' ? await filedBefore(context, actor, task, type, wish) : null;
    return meanwhile ?? privateProblem(context, 'not-now', [refusalError(error.code)]);
  }
}

const longestKey = 200;

function readWish({ request, url }: APIContext, obligationId: string): { wish: Wish; faults: ProblemError[] } {
  const faults: ProblemError[] = [];
  const fault = (parameter: 'switch' | 'idempotency', name: string, found: string): void => {
    const { da, en } = openDataMessages;
    faults.push({ code: 'bad-parameter', parameter: name, found: found.slice(0, 200), message_da: da.faults[parameter], message_en: en.faults[parameter] });
  };
  const isOn = (name: string): boolean => {
    const text = url.searchParams.get(name) ?? 'false';
    if (text !== 'true' && text !== 'false') fault('switch', name, text);
    return text === 'true';
  };
  const wish = { file: isOn('file'), dryRun: isOn('dryRun') };
  if (wish.file && wish.dryRun) fault('switch', 'dryRun', 'true');
  const key = request.headers.get('idempotency-key');
  if (key !== null && (key.trim() === '' || key.length > longestKey)) fault('idempotency', 'Idempotency-Key', key);
  return { wish: { ...wish, formKey: key === null ? randomUUID() : uuidOf(`${obligationId} ${key}`) }, faults };
}

/** A UUID that a text always gives (version 8 of RFC 9562: made as its maker likes). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Puts what was sent into the draft and, if that is wished, files it. Throws Refusal and InvalidInput. */
async function takeIn(context: APIContext, actor: KeyActor, task: WholeObligation, type: ObligationType, sent: Sent, wish: Wish): Promise<Response> {
  const { app } = context.locals;
  const now = app.clock.now();
  const body = 'body' in sent ? sent.body : null;
  if (body?.nothing && !wish.file) return privateProblem(context, 'bad-body', [bodyError({ code: 'nothing-is-filed', place: 'nothing' })]);
  const file = 'file' in sent ? sent.file : body?.lines ? await fileOfLines(task, type, body.lines, { files: app.files, limitBytes: app.config.maxFileBytes }) : null;
  if (file === 'too-large') return privateProblem(context, 'too-large');
  if (body?.answers) await saveDraft(app.db, actor, task.id, body.answers, task.draft_version ?? 0, now);
  if (file) await replaceLines(app.db, app.types, actor, task.id, file, undefined, now);
  if (body?.nothing) await removeLines(context, actor, task);

  const [lines, ...others] = (await linesOf(context.locals, task, patience))?.returns ?? [];
  const fromLines = Boolean(body?.lines);
  const draft = new URL(programPaths.returns(task.id), app.config.siteUrl).href;
  if (lines?.state === 'waiting' && (file || wish.file)) return privateJson({ filed: false, draft: toldLines(task, lines) }, 202, { location: draft, 'retry-after': '2' });
  if (!wish.file) return privateJson({ filed: false, draft: lines ? toldLines(task, lines, fromLines) : null });
  if (lines && others.length === 0 && lines.state !== 'waiting' && !toldLines(task, lines).canBeFiled) {
    const { errors, errorCount } = toldLines(task, lines, fromLines);
    return cannotBeFiled(context, task, errors, errorCount);
  }
  // What is filed is what was sent just now, or what its sender says to have seen.
  const seen = file ? idOf(lines, file.sha256) : (body?.draft ?? '');
  const answers = body?.answers ?? (task.draft_answers as RawAnswers | null) ?? {};
  const filing = { answers, formKey: wish.formKey, round: task.submissions.length, lang: 'da', lines: { seen, nothing: body?.nothing ?? false } } as const;
  await submit(app.db, app.followup, actor, task.id, filing, now);
  return (await filedBefore(context, actor, task, type, wish)) ?? privateProblem(context, 'failed');
}

const idOf = (lines: DraftReturn | undefined, sha256: string): string => (lines?.sha256 === sha256 ? lines.id : '');

/** That there is nothing to report takes the place of lines that were sent before. */
async function removeLines(context: APIContext, actor: KeyActor, task: WholeObligation): Promise<void> {
  const { app } = context.locals;
  const ofLines = task.files.filter(({ submission_id, kind }) => submission_id === null && (kind === 'csv' || kind === 'xlsx'));
  await detach(
    app.db,
    actor,
    task.id,
    ofLines.map(({ id }) => id),
  );
}

/** The answer to what has been filed with the same key before; null when nothing has. */
async function filedBefore(context: APIContext, actor: KeyActor, task: WholeObligation, type: ObligationType, { formKey }: Wish): Promise<Response | null> {
  const { app } = context.locals;
  const id = await filedWith(app.db, actor, task.id, formKey);
  const submission = id && (await taskOf(app.db, actor, task.id))?.submissions.find((each) => each.id === id);
  if (!submission) return null;
  const told = toldSubmission(type, submission, app);
  return privateJson({ filed: true, submission: told }, 201, { location: told.receipt });
}

function cannotBeFiled(context: APIContext, task: WholeObligation, errors: readonly ProblemError[], errorCount = errors.length): Response {
  const draft = new URL(programPaths.returns(task.id), context.locals.app.config.siteUrl).href;
  return privateProblem(context, 'cannot-be-filed', errors, {}, { draft, errorCount });
}
