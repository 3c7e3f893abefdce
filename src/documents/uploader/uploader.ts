import { formatBytes } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { type Place, sendOne } from './one-file.ts';
import { makeRow } from './row.ts';

/**
 * In the browser: sends files while one goes on with the form, with progress, pause, and going on after the line was
 * down. Without this script, or where anything here is missing, the form sends the files itself.
 */
/** As many at once as a line and a server take kindly; the others wait their turn. */
const atOnce = 2;

for (const box of document.querySelectorAll<HTMLElement>('[data-uploads]')) {
  const field = box.querySelector<HTMLInputElement>('input[type="file"]');
  const list = box.querySelector<HTMLUListElement>('[data-list]');
  const status = box.querySelector<HTMLElement>('[data-status]');
  if (field && list && status)
    enhance(box, {
      field,
      list,
      status,
      lang: document.documentElement.lang as Language,
      ...(JSON.parse(box.dataset['uploads'] ?? '{}') as Omit<Place, 'field' | 'list' | 'status' | 'lang'>),
    });
}

function enhance(box: HTMLElement, place: Place): void {
  const { field, list, status, words: t } = place;
  const waiting: (() => Promise<void>)[] = [];
  let running = 0;
  let unsent = 0;
  const announce = (text: string): void => {
    status.textContent = text;
  };
  const say = (text: string): void => {
    announce(text);
    status.classList.toggle('upload__status--shown', text !== '');
  };
  /** The button that was pressed before all files were there: pressed again when they are, unless one could not be sent. */
  let wanted: HTMLElement | null = null;
  const goOn = (isThere: boolean): void => {
    if (!wanted) return;
    if (!isThere) {
      wanted = null;
      say(t.notAll);
    } else if (unsent === 0) {
      const button = wanted;
      wanted = null;
      field.form?.requestSubmit(button);
    }
  };
  const next = (): void => {
    while (running < atOnce) {
      const work = waiting.shift();
      if (!work) return;
      running += 1;
      void work().finally(() => {
        running -= 1;
        next();
      });
    }
  };
  const take = (files: Iterable<File>): void => {
    for (const file of place.single ? [...files].slice(0, 1) : files) {
      if (place.single) list.replaceChildren();
      const row = makeRow(file.name, formatBytes(file.size, place.lang), t, announce);
      list.append(row.element);
      list.hidden = false;
      unsent += 1;
      const settled = once((isThere) => {
        unsent -= 1;
        goOn(isThere);
      });
      waiting.push(() => sendOne(file, row, place, settled));
      row.say(t.waiting);
      next();
    }
  };

  box.querySelector<HTMLElement>('[data-drop]')?.removeAttribute('hidden');
  field.addEventListener('change', () => {
    if (field.files?.length) take([...field.files]);
    // They are sent here; the form must not send them once more.
    field.value = '';
  });
  box.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    box.classList.add('upload--over');
  });
  box.addEventListener('dragleave', () => box.classList.remove('upload--over'));
  box.addEventListener('drop', (event) => {
    event.preventDefault();
    box.classList.remove('upload--over');
    take([...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
  field.form?.addEventListener('submit', (event) => {
    if (unsent === 0) return;
    event.preventDefault();
    wanted = (event as SubmitEvent).submitter;
    say(t.wait);
  });
  window.addEventListener('beforeunload', (event) => {
    if (unsent > 0) event.preventDefault();
  });
}

function once(run: (isThere: boolean) => void): (isThere: boolean) => void {
  let done = false;
  return (isThere) => {
    if (done) return;
    done = true;
    run(isThere);
  };
}
