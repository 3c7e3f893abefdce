import type { UploaderWords } from './messages.ts';
import type { Outcome } from './sending.ts';

/** Where a file is, for the form that it belongs to: on its way, waiting for an answer, not sent, with the server, or taken off the list. */
export type Stage = 'sending' | 'asking' | 'failed' | 'there' | 'gone';

export type RowAction = { readonly text: string; readonly label: string } & (
  | { readonly run: () => void }
  /** Sends the form with this intent. */
  | { readonly intent: string }
  | { readonly href: string }
);

/** One line of the list of files being sent: its name, how far it is, in words and as a bar, and what can be done. */
export interface Row {
  readonly element: HTMLLIElement;
  readonly name: string;
  is(stage: Stage): boolean;
  goTo(stage: Stage): void;
  /** Shows a state; said aloud as well where `aloud` is true. */
  say(text: string, options?: { aloud?: boolean; tone?: 'good' | 'bad' | 'warn' }): void;
  /** 0 to 1; null hides the bar. */
  bar(share: number | null): void;
  actions(...actions: readonly RowAction[]): void;
  /** Puts the keyboard on what can be done, or on the line itself. */
  focus(): void;
  ended(outcome: Outcome): void;
  /** Takes the file off the list; what is on its way is stopped first. */
  remove(): void;
  onRemove: () => void;
}

/** What a line tells the list that it stands in. */
export interface RowPlace {
  readonly words: UploaderWords;
  readonly field: HTMLInputElement;
  announce(text: string): void;
  changed(): void;
}

export const fill = (words: string, facts: Readonly<Record<string, string | number>>): string => words.replace(/\{(\w+)\}/g, (_, key: string) => String(facts[key] ?? ''));

export function makeRow(name: string, size: string, { words: t, field, announce, changed }: RowPlace): Row {
  const element = document.createElement('li');
  element.tabIndex = -1;
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
  let stage: Stage = 'sending';

  const row: Row = {
    element,
    name,
    is: (asked) => stage === asked,
    onRemove: () => undefined,
    goTo(next) {
      if (stage === 'gone') return;
      stage = next;
      changed();
    },
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
      // The button that has the focus is replaced by its successor, so that the keyboard is not lost; never by the one that removes.
      const hadFocus = buttons.contains(document.activeElement);
      buttons.replaceChildren(...actions.map(elementOf));
      if (!hadFocus) return;
      if (actions.length > 1) row.focus();
      else element.focus();
    },
    focus() {
      (buttons.querySelector<HTMLElement>('button, a') ?? element).focus();
    },
    ended(outcome) {
      row.bar(null);
      const { warning = '' } = outcome;
      const words = outcome.kind === 'accepted' ? t.accepted : 'reason' in outcome ? fill(t[outcome.kind], { reason: outcome.reason || t.unknown }) : t.stillChecking;
      const tone = warning || outcome.kind === 'held' ? 'warn' : outcome.kind === 'accepted' ? 'good' : 'reason' in outcome ? 'bad' : undefined;
      row.say(warning ? `${words.replace(/(?<![.!?])$/, '.')} ${warning}` : words, { aloud: true, ...(tone && { tone }) });
    },
    remove() {
      const hadFocus = element.contains(document.activeElement);
      const neighbour = element.nextElementSibling ?? element.previousElementSibling;
      row.onRemove();
      element.remove();
      if (hadFocus) (neighbour?.querySelector<HTMLElement>('button, a') ?? field).focus();
      announce(fill(t.announce, { name, state: t.gone }));
      row.goTo('gone');
    },
  };
  return row;
}

function elementOf(action: RowAction): HTMLElement {
  if ('href' in action) {
    const link = document.createElement('a');
    link.href = action.href;
    link.target = '_blank';
    link.textContent = action.text;
    link.setAttribute('aria-label', action.label);
    return link;
  }
  const button = document.createElement('button');
  button.className = 'button button--link';
  button.textContent = action.text;
  button.setAttribute('aria-label', action.label);
  if ('run' in action) {
    button.type = 'button';
    button.addEventListener('click', action.run);
  } else {
    button.type = 'submit';
    button.name = 'intent';
    button.value = action.intent;
  }
  return button;
}
