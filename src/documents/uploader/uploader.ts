import { formatBytes, formatList } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { type Place, sendOne } from './one-file.ts';
import { fill, makeRow, type Row, type Stage } from './row.ts';

/**
 * In the browser: sends files while one goes on with the form, with progress, pause, and going on after the line was
 * down. Without this script, or where anything here is missing, the form sends the files itself.
 */
/** As many at once as a line and a server take kindly; the others wait their turn. */
const atOnce = 2;

type Take = (files: Iterable<File>) => void;
const boxes = new Map<HTMLElement, Take>();
for (const box of document.querySelectorAll<HTMLElement>('[data-uploads]')) {
  const field = box.querySelector<HTMLInputElement>('input[type="file"]');
  const list = box.querySelector<HTMLUListElement>('[data-list]');
  const status = box.querySelector<HTMLElement>('[data-status]');
  if (field && list && status)
    boxes.set(
      box,
      enhance(box, {
        field,
        list,
        status,
        lang: document.documentElement.lang as Language,
        ...(JSON.parse(box.dataset['uploads'] ?? '{}') as Omit<Place, 'field' | 'list' | 'status' | 'lang'>),
      }),
    );
}

function enhance(box: HTMLElement, place: Place): Take {
  const { field, list, status, words: t, lang } = place;
  const waiting: (() => Promise<void>)[] = [];
  const rows: Row[] = [];
  let running = 0;
  const at = (stage: Stage): Row[] => rows.filter((row) => row.is(stage));
  const announce = (text: string): void => {
    status.textContent = text;
  };
  const say = (text: string): void => {
    announce(text);
    status.classList.toggle('upload__status--shown', text !== '');
  };
  /** The button that was pressed before all files were there: pressed again when they are. */
  let wanted: HTMLElement | null = null;
  /** Files that were not sent, and of which it was said that the form goes without them. */
  const known = new Set<Row>();
  /** What has to be done before the form is sent, said aloud; false when nothing has. */
  const isInTheWay = (): boolean => {
    const [asking] = at('asking');
    if (asking) {
      say(fill(t.answer, { name: asking.name }));
      asking.focus();
      return true;
    }
    const failed = at('failed').filter((row) => !known.has(row));
    if (failed.length === 0) return false;
    for (const row of failed) known.add(row);
    const names = formatList(
      failed.map(({ name }) => fill(t.quoted, { name })),
      lang,
    );
    say(fill(t.without, { names }));
    return true;
  };
  const changed = (): void => {
    for (const row of known) if (!row.is('failed')) known.delete(row);
    if (!wanted) return;
    const button = wanted;
    if (isInTheWay()) wanted = null;
    else if (at('sending').length === 0) {
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
  const take: Take = (files) => {
    for (const file of place.single ? [...files].slice(0, 1) : files) {
      if (place.single) {
        for (const row of rows) if (!row.is('gone')) row.remove();
        // The file that a form before this one brought.
        field.form?.querySelector('[data-kept]')?.remove();
      }
      const row = makeRow(file.name, formatBytes(file.size, lang), { words: t, field, announce, changed });
      rows.push(row);
      list.append(row.element);
      list.hidden = false;
      waiting.push(async () => {
        if (!row.is('gone')) await sendOne(file, row, place);
      });
      row.say(t.waiting);
      row.actions({ text: t.remove, label: fill(t.removeFile, { name: file.name }), run: () => row.remove() });
      next();
    }
  };

  box.querySelector<HTMLElement>('[data-drop]')?.removeAttribute('hidden');
  field.addEventListener('change', () => {
    if (field.files?.length) take([...field.files]);
    // They are sent here; the form must not send them once more.
    field.value = '';
  });
  field.form?.addEventListener('submit', (event) => {
    if (isInTheWay()) event.preventDefault();
    else if (at('sending').length > 0) {
      event.preventDefault();
      wanted = (event as SubmitEvent).submitter;
      say(t.wait);
    }
  });
  window.addEventListener('beforeunload', (event) => {
    if (at('sending').length + at('asking').length > 0) event.preventDefault();
  });
  return take;
}

/** The box that something over the page is meant for: the one below it, or the only one. */
function boxOf({ target }: Event): HTMLElement | undefined {
  const below = target instanceof Element ? target.closest<HTMLElement>('[data-uploads]') : null;
  return below ?? (boxes.size === 1 ? [...boxes.keys()][0] : undefined);
}
const bringsFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;
const mark = (over?: HTMLElement): void => {
  for (const box of boxes.keys()) box.classList.toggle('upload--over', box === over);
};

// On the whole page: a file that is dropped beside the box would be opened in place of the form.
document.addEventListener('dragover', (event) => {
  if (!bringsFiles(event) || event.defaultPrevented) return;
  event.preventDefault();
  mark(boxOf(event));
});
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) mark();
});
document.addEventListener('drop', (event) => {
  if (!bringsFiles(event) || event.defaultPrevented) return;
  event.preventDefault();
  mark();
  const box = boxOf(event);
  if (box) boxes.get(box)?.([...(event.dataTransfer?.files ?? [])]);
});
document.addEventListener('paste', (event) => {
  const { clipboardData, target } = event;
  const files = [...(clipboardData?.files ?? [])];
  const isTyping = target instanceof Element && target.closest('input:not([type="file"]), textarea, select, [contenteditable]') !== null;
  const box = boxOf(event);
  // What is copied from a text or a table comes as text and, beside it, as a picture of it.
  if (!box || isTyping || files.length === 0 || clipboardData?.types.some((type) => type.startsWith('text/'))) return;
  event.preventDefault();
  boxes.get(box)?.(files);
});
