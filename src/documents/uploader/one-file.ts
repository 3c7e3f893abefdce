import { formatBytes } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { mentionsCpr } from '../checks/words/cpr.ts';
import type { UploaderWords } from './messages.ts';
import { fill, type Row } from './row.ts';
import { fingerprintOf, type Sending, send, type Target } from './sending.ts';

/** A file field of a page, its list of files, and what its form says of them. */
export interface Place {
  readonly field: HTMLInputElement;
  readonly list: HTMLUListElement;
  readonly status: HTMLElement;
  readonly lang: Language;
  readonly words: UploaderWords;
  readonly target: Target;
  readonly maxBytes: number;
  readonly extensions: readonly string[];
  readonly kinds: string;
  /** The library takes one file, and is told by the form which. */
  readonly single: boolean;
}

/** What is wrong with a file before any of it is sent, or null. */
function faultOf(file: File, { words: t, maxBytes, extensions, kinds, lang }: Place): string | null {
  const extension = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? '';
  if (!extensions.includes(extension)) return fill(t.wrongKind, { kinds });
  if (mentionsCpr(file.name.replace(/[_.]/g, ' '))) return t.cprInName;
  if (file.size === 0) return t.empty;
  return file.size > maxBytes ? fill(t.tooLarge, { size: formatBytes(maxBytes, lang) }) : null;
}

/** Resolves when the file has been sent, refused or given up, so that the next may begin. */
export function sendOne(file: File, row: Row, place: Place, settled: (isThere: boolean) => void): Promise<void> {
  const { words: t, lang } = place;
  const name = file.name;
  return new Promise((resolve) => {
    const end = (isThere: boolean): void => {
      settled(isThere);
      resolve();
    };
    const dismiss = { text: t.remove, label: fill(t.removeFile, { name }), run: () => row.element.remove() };
    const stop = (reason: string): void => {
      row.ended({ kind: 'failed', reason, documentId: null });
      row.actions(dismiss);
      end(false);
    };
    const fault = faultOf(file, place);
    if (fault) return stop(fault);

    let sending: Sending | undefined;
    let percent = 0;
    let cancelled = false;
    let pace: { at: number; bytes: number } | undefined;
    const cancel = {
      text: t.remove,
      label: fill(t.removeFile, { name }),
      run: () => {
        cancelled = true;
        sending?.cancel();
        row.element.remove();
        end(true);
      },
    };
    const pause = {
      text: t.pause,
      label: fill(t.pauseFile, { name }),
      run: () => {
        sending?.pause();
        row.say(fill(t.paused, { percent }), { aloud: true });
        row.actions(resume, cancel);
      },
    };
    const resume = {
      text: t.resume,
      label: fill(t.resumeFile, { name }),
      run: () => {
        pace = undefined;
        row.say(fill(t.again, { percent }), { aloud: true });
        row.actions(pause, cancel);
        sending?.resume();
      },
    };
    const begin = async (): Promise<void> => {
      row.say(t.preparing, { aloud: true });
      row.actions(cancel);
      const sha256 = await fingerprintOf(file).catch(() => null);
      if (cancelled) return;
      if (sha256 === null) return stop(t.unreadable);
      sending = await send(file, sha256, place.target, lang, {
        sent(bytes) {
          percent = Math.floor((bytes / file.size) * 100);
          row.bar(bytes / file.size);
          pace ??= { at: Date.now(), bytes };
          row.say([fill(t.sending, { percent }), timeLeft(pace, bytes, file.size, t)].filter(Boolean).join(', '));
        },
        lost: () => {
          pace = undefined;
          row.say(t.lost, { aloud: true, tone: 'warn' });
        },
        received(uploadId) {
          row.bar(null);
          row.say(t.checking, { aloud: true });
          row.actions();
          if (place.single) claim(row, uploadId);
          end(true);
        },
        ended(outcome) {
          row.ended(outcome);
          if (outcome.documentId && !place.single) detachable(row, outcome.documentId, fill(t.removeFile, { name }), t.remove);
          else if (outcome.kind === 'failed' || outcome.kind === 'refused') row.actions(dismiss);
          end(outcome.kind !== 'failed');
        },
      });
      row.actions(pause, cancel);
    };
    const sendAnyway = { text: t.sendAnyway, label: fill(t.sendAnywayFile, { name }), run: () => void begin() };
    void textOf(file).then((text) => {
      if (!mentionsCpr(text)) {
        void begin();
        return;
      }
      row.say(t.cprInText, { aloud: true, tone: 'warn' });
      row.actions(sendAnyway, cancel);
    });
  });
}

const readBytes = 5_000_000;

/** The text of a file that is nothing else, or its beginning; what is in other files is looked through by the server. */
async function textOf(file: File): Promise<string> {
  return /\.(csv|txt)$/i.test(file.name)
    ? file
        .slice(0, readBytes)
        .text()
        .catch(() => '')
    : '';
}

/** The form says which upload it means. */
function claim(row: Row, uploadId: string): void {
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = 'upload';
  field.value = uploadId;
  row.element.append(field);
}

/** What lies in the draft is taken out by the form's own button. */
function detachable(row: Row, documentId: string, label: string, text: string): void {
  row.actions();
  const button = document.createElement('button');
  button.type = 'submit';
  button.name = 'intent';
  button.value = `remove:${documentId}`;
  button.className = 'button button--link';
  button.textContent = text;
  button.setAttribute('aria-label', label);
  row.element.append(button);
}

function timeLeft(pace: { at: number; bytes: number }, bytes: number, total: number, t: UploaderWords): string {
  const seconds = (Date.now() - pace.at) / 1000;
  if (seconds < 2 || bytes <= pace.bytes) return '';
  const left = ((total - bytes) / (bytes - pace.bytes)) * seconds;
  const time = left < 50 ? t.seconds : left < 90 ? t.minute : fill(t.minutes, { count: Math.round(left / 60) });
  return fill(t.left, { time });
}
