/**
 * In the browser: shows what is found while one types. Without this script, or when anything here fails, the form
 * asks the server, which knows everything; Enter always does.
 */
interface Hit {
  url: string;
  excerpt: string;
  meta: { title: string; kind: string };
}
interface Pagefind {
  init(): Promise<void>;
  search(question: string): Promise<{ results: { id: string; data(): Promise<Hit> }[] } | null>;
}

const shown = 10;
const quietMs = 120;

const form = document.querySelector<HTMLFormElement>('form[data-index]');
const field = form?.querySelector<HTMLInputElement>('input[name="q"]');
const place = document.querySelector<HTMLElement>('[data-live]');
if (form && field && place) enhance(form.dataset['index'] ?? '', field, place, JSON.parse(form.dataset['words'] ?? '{}') as Record<string, string>);

function enhance(index: string, input: HTMLInputElement, target: HTMLElement, words: Record<string, string>): void {
  let library: Promise<Pagefind> | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;
  const load = (): Promise<Pagefind> => {
    library ??= begin(index);
    return library;
  };
  const ask = async (): Promise<void> => {
    const turn = ++latest;
    const question = input.value.trim();
    if (question.length < 2) {
      target.replaceChildren();
      return;
    }
    try {
      const results = await find(await load(), question);
      const hits = await Promise.all(results.slice(0, shown).map((result) => result.data()));
      if (turn === latest) show(target, hits, results.length, question, words);
    } catch (error) {
      // The server's search stays; the person need not know that this one could not be had.
      console.warn('search while typing is off', error);
      input.removeEventListener('input', typed);
      target.replaceChildren();
    }
  };
  const typed = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void ask(), quietMs);
  };
  input.addEventListener('focus', () => void load().catch(() => undefined), { once: true });
  input.addEventListener('input', typed);
}

async function begin(index: string): Promise<Pagefind> {
  // The library starts its worker from an address in a string; only its own is let through.
  const types = (window as unknown as { trustedTypes?: { createPolicy(name: string, rules: object): unknown } }).trustedTypes;
  types?.createPolicy('default', {
    createScriptURL(url: string): string {
      if (new URL(url, location.href).href.startsWith(new URL(index, location.href).href)) return url;
      throw new TypeError(`not a script of the search: ${url}`);
    },
  });
  const library = (await import(/* @vite-ignore */ `${index}pagefind.js`)) as Pagefind;
  await library.init();
  return library;
}

/** æ, ø and å are found when they are typed as ae, oe and aa. */
async function find(library: Pagefind, question: string) {
  const danish = question.replace(/ae/gi, 'æ').replace(/oe/gi, 'ø').replace(/aa/gi, 'å');
  const found = (await library.search(question))?.results ?? [];
  if (danish === question) return found;
  const more = (await library.search(danish))?.results ?? [];
  return [...found, ...more.filter(({ id }) => !found.some((result) => result.id === id))];
}

function show(target: HTMLElement, hits: readonly Hit[], count: number, question: string, words: Record<string, string>): void {
  const heading = document.createElement('h2');
  heading.textContent = (count === 0 ? words['none'] : count === 1 ? words['one'] : words['many'])?.replace('#', String(count)).replace('*', question) ?? '';
  const list = document.createElement('ol');
  list.className = 'rows';
  for (const { url, excerpt, meta } of hits) {
    const [item, box, kind, title, link, text] = ['li', 'div', 'p', 'p', 'a', 'p'].map((name) => document.createElement(name)) as [
      HTMLElement,
      HTMLElement,
      HTMLElement,
      HTMLElement,
      HTMLAnchorElement,
      HTMLElement,
    ];
    kind.className = 'eyebrow';
    kind.textContent = words[meta.kind] ?? '';
    title.className = 'rows__title';
    link.href = url;
    link.textContent = meta.title;
    title.append(link);
    text.append(...marked(excerpt));
    box.append(kind, title, text);
    item.append(box);
    list.append(item);
  }
  const all = document.createElement('p');
  all.className = 'muted';
  all.textContent = words['enter'] ?? '';
  // Read aloud from a place that was on the page before, as screen readers need it.
  const status = document.querySelector('[data-live-status]');
  if (status) status.textContent = heading.textContent;
  target.replaceChildren(heading, ...(hits.length > 0 ? [list] : []), all);
}

/** The excerpt comes as HTML with marks; it is built from text, so that nothing in it can be more than text. */
function marked(excerpt: string): Node[] {
  return excerpt.split(/(<mark>.*?<\/mark>)/).map((part) => {
    const text = part
      .replace(/<\/?mark>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
    if (!part.startsWith('<mark>')) return document.createTextNode(text);
    const mark = document.createElement('mark');
    mark.textContent = text;
    return mark;
  });
}
