import type { Language } from '../../i18n/language.ts';
import { plainName } from '../reading/columns.ts';
import { sheetMessages } from './messages.ts';
import { cellsOf, headerOf } from './paste.ts';

/** In the browser: what is copied in a spreadsheet fills the cells, keys go from line to line, and more lines come without a round trip. */
interface Settings {
  readonly most: number;
  /** For each column what it may be called, and what stands in its cells' labels. */
  readonly names: readonly (readonly string[])[];
  readonly labels: readonly string[];
}

type Control = HTMLInputElement | HTMLSelectElement;

const rowsAtOnce = 5;

for (const form of document.querySelectorAll<HTMLFormElement>('[data-sheet]')) enhance(form, JSON.parse(form.dataset['sheet'] ?? '{}') as Settings);

function enhance(form: HTMLFormElement, { most, names, labels }: Settings): void {
  const t = sheetMessages[document.documentElement.lang as Language];
  const status = form.querySelector<HTMLElement>('[data-status]');
  const rows = (): HTMLTableRowElement[] => [...form.querySelectorAll<HTMLTableRowElement>('tr[data-row]')];
  const controls = (row: HTMLTableRowElement | undefined): Control[] => [...(row?.querySelectorAll<Control>('input, select') ?? [])];
  const placeOf = (control: Control): { row: number; column: number } => {
    const [, row = '0', column = '0'] = control.name.split('-');
    return { row: Number(row), column: Number(column) };
  };
  let isChanged = false;

  /** An empty line like the last one, at the end; false when there is no room. */
  function addRow(): boolean {
    const all = rows();
    const last = all.at(-1);
    if (!last || all.length >= most) return false;
    const row = last.cloneNode(true) as HTMLTableRowElement;
    const line = Number(/\d+/.exec(last.cells[0]?.lastChild?.textContent ?? '')?.[0]) + 1;
    if (row.cells[0]?.lastChild) row.cells[0].lastChild.textContent = String(line);
    for (const [column, control] of controls(row).entries()) {
      control.name = `c-${all.length}-${column}`;
      control.id = control.name;
      control.value = '';
      control.setAttribute('aria-label', t.cell(labels[column] ?? '', line));
      control.removeAttribute('aria-invalid');
      control.removeAttribute('aria-describedby');
    }
    form.querySelector('tbody')?.append(row);
    return true;
  }

  function fill(control: Control | undefined, text: string): void {
    if (!control) return;
    if (control instanceof HTMLSelectElement && text !== '') {
      const fits = [...control.options].find(({ value, label }) => [value, label].some((each) => plainName(each) === plainName(text)));
      if (!fits) control.append(new Option(text, text));
      control.value = fits?.value ?? text;
    } else control.value = text;
    if (text !== '' && control.closest('.extra')) showAll();
  }

  function showAll(): void {
    const all = form.querySelector<HTMLInputElement>('.sheet__all input');
    if (all) all.checked = true;
  }

  function paste(text: string, into: Control): void {
    const cells = cellsOf(text);
    const header = headerOf(cells[0] ?? [], names, plainName);
    const lines = (header ? cells.slice(1) : cells).filter((line) => line.some((cell) => cell !== ''));
    const start = placeOf(into);
    if (start.row + lines.length > most) {
      say(t.pastedTooMany(lines.length, most));
      return;
    }
    const visible = controls(rows()[0]).flatMap((control, at) => (control.offsetParent === null ? [] : [at]));
    const first = visible.indexOf(start.column);
    for (const [down, line] of lines.entries()) {
      while (rows().length <= start.row + down) addRow();
      const row = controls(rows()[start.row + down]);
      for (const [at, cell] of line.entries()) {
        const column = header ? (header[at] ?? -1) : (visible[first + at] ?? -1);
        if (column >= 0) fill(row[column], cell);
      }
    }
    isChanged = true;
    say(t.pasted(lines.length));
  }

  const say = (text: string): void => {
    if (status) status.textContent = text;
  };
  const goTo = (row: number, column: number): void => controls(rows()[row])[column]?.focus();

  form.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (!(event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) || !/[\t\n]/.test(text.replace(/\r?\n$/, ''))) return;
    event.preventDefault();
    paste(text, event.target);
  });
  form.addEventListener('keydown', (event) => {
    const control = event.target;
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement) || !control.name.startsWith('c-')) return;
    const { row, column } = placeOf(control);
    const isText = control instanceof HTMLInputElement;
    const above = controls(rows()[row - 1])[column];
    if (event.key === 'Enter' && isText) {
      if (!event.shiftKey && row === rows().length - 1) addRow();
      goTo(event.shiftKey ? row - 1 : row + 1, column);
    } else if (event.key === 'ArrowDown' && isText) goTo(row + 1, column);
    else if (event.key === 'ArrowUp' && isText) goTo(row - 1, column);
    else if (event.key === 'd' && event.ctrlKey && above) fill(control, above.value);
    else return;
    event.preventDefault();
  });
  form.querySelector('[data-add]')?.addEventListener('click', (event) => {
    event.preventDefault();
    const from = rows().length;
    for (let added = 0; added < rowsAtOnce && addRow(); added += 1);
    const visible = controls(rows()[from]).find((control) => control.offsetParent !== null);
    visible?.focus();
  });
  form.addEventListener('input', () => {
    isChanged = true;
  });
  form.addEventListener('submit', () => {
    isChanged = false;
  });
  window.addEventListener('beforeunload', (event) => {
    if (isChanged) event.preventDefault();
  });
  for (const hidden of document.querySelectorAll<HTMLElement>('[data-with-script]')) hidden.hidden = false;
}
