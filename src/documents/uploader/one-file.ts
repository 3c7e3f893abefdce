import { formatBytes } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { mentionsCpr, nameMentionsCpr } from '../checks/words/cpr.ts';
import type { UploaderWords } from './messages.ts';
import { fill, type Row, type RowAction } from './row.ts';
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
  /** Where somebody logs in who was logged out meanwhile. */
  readonly logIn: string;
}

/** What is wrong with a file before any of it is sent, or null. */
function faultOf(file: File, { words: t, maxBytes, extensions, kinds, lang }: Place): string | null {
  const extension = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? '';
  if (!extensions.includes(extension)) return fill(t.wrongKind, { kinds });
  if (file.size === 0) return t.empty;
  return file.size > maxBytes ? fill(t.tooLarge, { size: formatBytes(maxBytes, lang) }) : null;
}

/** Resolves when the file has been sent, refused or given up, so that the next may begin. */
export function sendOne(file: File, row: Row, place: Place): Promise<void> {
  const { words: t, lang } = place;
  const name = file.name;
  return new Promise((resolve) => {
    let sending: Sending | undefined;
    let percent = 0;
    let pace: { at: number; bytes: number } | undefined;
    row.onRemove = () => {
      sending?.cancel();
      resolve();
    };
    const remove = { text: t.remove, label: fill(t.removeFile, { name }), run: () => row.remove() };
    const stop = (reason: string): void => {
      row.ended({ kind: 'failed', reason, documentId: null });
      row.actions(remove);
      row.goTo('failed');
      resolve();
    };
    const fault = faultOf(file, place);
    if (fault) return stop(fault);

    const pause = {
      text: t.pause,
      label: fill(t.pauseFile, { name }),
      run: () => {
        sending?.pause();
        row.say(fill(t.paused, { percent }), { aloud: true });
        row.actions(resume, remove);
      },
    };
    const resume = {
      text: t.resume,
      label: fill(t.resumeFile, { name }),
      run: () => {
        pace = undefined;
        row.goTo('sending');
        row.say(fill(t.again, { percent }), { aloud: true });
        row.actions(pause, remove);
        sending?.resume();
      },
    };
    const logIn = { text: t.logIn, label: fill(t.logInFile, { name }), href: place.logIn };
    const begin = async (): Promise<void> => {
      row.goTo('sending');
      row.say(t.preparing, { aloud: true });
      row.actions(remove);
      const sha256 = await fingerprintOf(file).catch(() => null);
      if (row.is('gone')) return;
      if (sha256 === null) return stop(t.unreadable);
      sending = await send(file, sha256, place.target, lang, {
        found: (uploadId) => document.querySelector(`[data-unfinished="${uploadId}"]`)?.remove(),
        sent(bytes) {
          percent = Math.floor((bytes / file.size) * 100);
          row.bar(bytes / file.size);
          pace ??= { at: Date.now(), bytes };
          row.say([fill(t.sending, { percent }), timeLeft(pace, bytes, file.size, t)].filter(Boolean).join(', '));
        },
        waits(why) {
          pace = undefined;
          row.say(why === null ? t.lost : fill(t.later, { reason: why || t.busy }), { aloud: true, tone: 'warn' });
        },
        loggedOut() {
          row.say(t.loggedOut, { aloud: true, tone: 'warn' });
          row.actions(logIn, resume, remove);
          row.goTo('failed');
          resolve();
        },
        received(uploadId) {
          row.bar(null);
          row.say(t.checking, { aloud: true });
          row.actions();
          if (place.single) claim(row, uploadId);
          row.goTo('there');
          resolve();
        },
        ended(outcome) {
          if (row.is('gone')) return;
          const failed = outcome.kind === 'failed';
          row.ended(outcome);
          row.actions(...lastActions(outcome.documentId, failed || outcome.kind === 'refused'));
          row.goTo(failed ? 'failed' : 'there');
          resolve();
        },
      });
      if (row.is('gone')) sending.cancel();
      else row.actions(pause, remove);
    };
    /** What lies in the draft is taken out by the form's own button. */
    const lastActions = (documentId: string | null, isBad: boolean): RowAction[] => {
      if (documentId && !place.single) return [{ text: t.remove, label: fill(t.removeFile, { name }), intent: `remove:${documentId}` }];
      return isBad || place.single ? [remove] : [];
    };
    const sendAnyway = { text: t.sendAnyway, label: fill(t.sendAnywayFile, { name }), run: () => void begin() };
    void textOf(file).then((text) => {
      if (row.is('gone')) return;
      const question = mentionsCpr(text) ? t.cprInText : nameMentionsCpr(name) ? t.cprInName : null;
      if (question === null) {
        void begin();
        return;
      }
      row.say(question, { aloud: true, tone: 'warn' });
      row.actions(sendAnyway, remove);
      row.goTo('asking');
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

/** The form says which upload it means. One that is refused stays, so that the answer to the form says why. */
function claim(row: Row, uploadId: string): void {
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = 'upload';
  field.value = uploadId;
  row.element.append(field);
}

function timeLeft(pace: { at: number; bytes: number }, bytes: number, total: number, t: UploaderWords): string {
  const seconds = (Date.now() - pace.at) / 1000;
  if (seconds < 2 || bytes <= pace.bytes) return '';
  const left = ((total - bytes) / (bytes - pace.bytes)) * seconds;
  const time = left < 50 ? t.seconds : left < 90 ? t.minute : fill(t.minutes, { count: Math.round(left / 60) });
  return fill(t.left, { time });
}
