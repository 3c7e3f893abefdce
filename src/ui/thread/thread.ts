import type { uiMessages } from '../messages.ts';

/** One bead of the thread: a kind of thing, and those of that kind that belong here. */
export interface ThreadStep {
  readonly kind: keyof (typeof uiMessages)['da']['kinds'];
  /** The page that is shown is of this kind. */
  readonly here?: boolean;
  readonly links: readonly { readonly text: string; readonly href?: string | undefined }[];
}
