import { languageOf } from '../../i18n/language.ts';
import { type Answer, aloneBlocks, type Block, type CheckedReceipt, type ChosenFile, problemBlock, receiptBlocks, shapeOf } from './describe.ts';
import { receiptMessages } from './messages.ts';
import { type ReceiptKey, receiptsIn, sha256, verifyReceipt } from './verify.ts';

/**
 * In the browser: checks what is chosen or dropped, without sending it anywhere. Without this script the same form asks
 * the server; so it does where the browser cannot check signatures.
 */
const form = document.querySelector<HTMLFormElement>('form[data-verify]');
const field = form?.querySelector<HTMLInputElement>('input[type="file"]');
const place = document.querySelector<HTMLElement>('[data-result]');
if (form && field && place) {
  // What is only true where this program runs.
  for (const words of document.querySelectorAll<HTMLElement>('[data-private]')) words.hidden = false;
  enhance(form, field, place);
}

interface Opened extends ChosenFile {
  readonly bytes: Uint8Array;
}

function enhance(target: HTMLFormElement, input: HTMLInputElement, result: HTMLElement): void {
  const lang = languageOf(location.pathname);
  const t = receiptMessages[lang];
  const reader = { lang, owner: target.dataset['owner'] ?? '' };
  const keys = JSON.parse(target.dataset['keys'] ?? '[]') as ReceiptKey[];
  // The receipts that further files are compared with, until others are chosen.
  let current: readonly CheckedReceipt[] = [];
  let along: ChosenFile[] = [];
  let turn = 0;
  let asksServer = false;

  const check = async (files: readonly File[]): Promise<readonly Block[]> => {
    if (files.length === 0) return [problemBlock('nothingChosen', lang)];
    const opened = await Promise.all(files.map(open)).catch(() => null);
    if (!opened) return [problemBlock('unreadable', lang)];
    const receipts = opened.filter(({ bytes }) => receiptsIn(bytes).length > 0);
    const others = opened.filter((file) => !receipts.includes(file));
    if (receipts.length > 0) {
      current = await Promise.all(receipts.map(async ({ name, bytes }) => ({ name, ...shapeOf(bytes), verdict: await verifyReceipt(bytes, keys) })));
      along = others;
    } else if (current.some(({ verdict }) => !verdict.fault)) along = [...along, ...others];
    else return aloneBlocks(await Promise.all(others.map(async (file) => ({ ...file, answer: await ask(file.sha256) }))), reader);
    return receiptBlocks(current, along, reader);
  };

  const run = async (files: readonly File[]): Promise<void> => {
    const mine = ++turn;
    say(t.working);
    const blocks = await check(files).catch((error: unknown) => {
      // No Ed25519 in this browser, or no crypto at all on a page without https: the form goes to the server.
      console.warn('cannot check here', error);
      asksServer = true;
      return [problemBlock('noCrypto', lang)];
    });
    if (mine !== turn) return;
    result.hidden = false;
    result.querySelector('[data-result-blocks]')?.replaceChildren(...blocks.map(elementOf));
    say(blocks.flatMap((block) => (block.kind === 'notice' ? [block.title, ...block.text] : block.kind === 'files' ? statesOf(block) : [])).join('. '));
  };

  input.addEventListener('change', () => void run([...(input.files ?? [])]));
  target.addEventListener('submit', (event) => {
    if (asksServer) return;
    event.preventDefault();
    void run([...(input.files ?? [])]);
  });
  // On the whole page: a file that is dropped beside the form would be opened in its place.
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    target.dataset['over'] = '';
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) delete target.dataset['over'];
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    delete target.dataset['over'];
    if (event.dataTransfer) input.files = event.dataTransfer.files;
    void run([...(event.dataTransfer?.files ?? [])]);
  });
}

async function open(file: File): Promise<Opened> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name: file.name, sizeBytes: bytes.length, sha256: await sha256(bytes), bytes };
}

/** Asks by the hash alone whether the municipality received the file. */
async function ask(hash: string): Promise<Answer> {
  try {
    const response = await fetch(`/api/v1/receipts/files/${hash}`);
    if (response.status === 429) return 'too-many';
    if (!response.ok) return 'offline';
    const { receivedOn = null } = (await response.json()) as { receivedOn?: string };
    return { receivedOn };
  } catch {
    return 'offline';
  }
}

/** Read aloud from a place that was on the page before, as screen readers need it. */
function say(text: string): void {
  const status = document.querySelector('[data-result-status]');
  if (status) status.textContent = text;
}

const statesOf = (block: Extract<Block, { kind: 'files' }>): string[] => block.files.flatMap(({ name, state }) => (state ? [`${name}: ${state.text}`] : []));

function elementOf(block: Block): HTMLElement {
  if (block.kind === 'notice') {
    const title = element('p', [element('strong', [block.title])]);
    return element('div', [title, ...block.text.map((text) => element('p', [text]))], `notice notice--${block.tone}`);
  }
  if (block.kind === 'facts') {
    const rows = block.facts.map(([name, value]) => element('div', [element('dt', [name]), element('dd', [value])]));
    return element('dl', rows, 'facts');
  }
  const rows = block.files.map(({ name, detail, state }) =>
    element('li', [
      element('div', [name, element('br'), element('span', [detail], 'hash')]),
      ...(state ? [element('span', [mark(state.tone), state.text], `tag tag--${state.tone}`)] : []),
    ]),
  );
  return element('section', [element('h3', [block.heading]), ...(block.text ? [element('p', [block.text])] : []), element('ul', rows, 'file-list')], 'stack');
}

function element(name: string, children: readonly (Node | string)[] = [], className = ''): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** The same mark as ui/Tag.astro draws. */
function mark(tone: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${tone}`);
  svg.append(use);
  return svg;
}
