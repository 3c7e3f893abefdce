import type { UploaderWords } from './messages.ts';
import type { Outcome } from './sending.ts';

/** One line of the list of files being sent: its name, how far it is, in words and as a bar, and what can be done. */
export interface Row {
  readonly element: HTMLLIElement;
  /** Shows a state; said aloud as well where `aloud` is true. */
  say(text: string, options?: { aloud?: boolean; tone?: 'good' | 'bad' | 'warn' }): void;
  /** 0 to 1; null hides the bar. */
  bar(share: number | null): void;
  actions(...actions: readonly { text: string; label: string; run: () => void }[]): void;
  ended(outcome: Outcome): void;
}

export const fill = (words: string, facts: Readonly<Record<string, string | number>>): string => words.replace(/\{(\w+)\}/g, (_, key: string) => String(facts[key] ?? ''));

export function makeRow(name: string, size: string, t: UploaderWords, announce: (text: string) => void): Row {
  const element = document.createElement('li');
  const text = document.createElement('div');
  const title = document.createElement('span');
  title.textContent = name;
  const facts = document.createElement('span');
  facts.className = 'small muted';
  facts.textContent = ` (${size})`;
  const state = document.createElement('p');
  state.className = 'small upload__state';
  const bar = document.createElement('progress');
  bar.max = 1;
  bar.hidden = true;
  bar.setAttribute('aria-label', name);
  const buttons = document.createElement('div');
  buttons.className = 'upload__actions';
  text.append(title, facts, state, bar);
  element.append(text, buttons);

  const row: Row = {
    element,
    say(words, { aloud = false, tone } = {}) {
      state.textContent = words;
      state.className = `small upload__state${tone ? ` upload__state--${tone}` : ''}`;
      if (aloud) announce(fill(t.announce, { name, state: words }));
    },
    bar(share) {
      bar.hidden = share === null;
      if (share !== null) bar.value = share;
    },
    actions(...actions) {
      // The button that has the focus is replaced by its successor, so that the keyboard is not lost.
      const hadFocus = buttons.contains(document.activeElement);
      buttons.replaceChildren(
        ...actions.map(({ text: word, label, run }) => {
          const button = document.createElement('button');
          button.type = 'button';
          button.className = 'button button--link';
          button.textContent = word;
          button.setAttribute('aria-label', label);
          button.addEventListener('click', run);
          return button;
        }),
      );
      if (hadFocus) (buttons.querySelector('button') ?? document.querySelector<HTMLElement>('[data-uploads] input[type="file"]'))?.focus();
    },
    ended(outcome) {
      row.bar(null);
      if (outcome.kind === 'accepted') row.say(t.accepted, { aloud: true, tone: 'good' });
      else if ('reason' in outcome) row.say(fill(t[outcome.kind], { reason: outcome.reason || t.unknown }), { aloud: true, tone: outcome.kind === 'held' ? 'warn' : 'bad' });
      else row.say(t.stillChecking, { aloud: true });
    },
  };
  return row;
}
