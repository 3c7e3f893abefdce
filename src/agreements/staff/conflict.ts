import type { AgreementContent } from '../content.ts';
import type { Begun, Workbench } from '../draft.ts';

/** What stands against something that was written: a colleague's draft, or what the site says by now. */
export interface Conflict {
  /** Whose draft it is and when it was saved; null for the site. */
  readonly draft: { readonly by: string; readonly at: Date } | null;
  readonly theirs: AgreementContent | null;
  readonly mine: AgreementContent;
  /** What saving on top of it carries, since it has been seen then. */
  readonly begun: Begun;
}

/**
 * A colleague's draft comes first. If the site has changed since that one too, saving over it says so in its turn:
 * nothing is replaced that was not shown. Without `mine` it is the draft that may lag behind the site.
 */
export function conflictOf({ draft, published, version }: Workbench, mine: { readonly content: AgreementContent; readonly begun: Begun } | null): Conflict | null {
  if (mine && draft && draft.revision !== mine.begun.revision)
    return { draft: { by: draft.savedBy, at: draft.savedAt }, theirs: draft.content, mine: mine.content, begun: { revision: draft.revision, version: draft.version } };
  const begun = { revision: draft?.revision ?? 0, version };
  if (mine) return { draft: null, theirs: published, mine: mine.content, begun };
  return draft && draft.version !== version ? { draft: null, theirs: published, mine: draft.content, begun } : null;
}
