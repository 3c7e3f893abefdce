import { diffWordsWithSpace } from 'diff';
import { z } from 'zod';
import { both } from '../municipality/municipality.ts';

/** An entry of content/strategy/versions.yaml. The version whose chapters are in content/strategy has no text of its own there. */
export const versionSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: both,
  adoptedBy: both,
  /** Null: the day is not known to the site. */
  adoptedOn: z.iso.date().nullable(),
  state: z.enum(['draft', 'in-force', 'superseded']),
  replaces: z.string().nullable(),
  note: both,
  text: both.optional(),
});

export type StrategyVersion = z.infer<typeof versionSchema>;

/** A stretch of text that both versions have, or that one has and the other has not. */
export interface Stretch {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** What changed from one text to another, word by word. */
export function changesBetween(from: string, to: string): Stretch[] {
  return diffWordsWithSpace(from, to).map(({ added, removed, value }) => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text: value }));
}

/** Faults in the list of versions, one sentence each: two of one date, one without its predecessor, more than one in force. */
export function faultsOf(versions: readonly StrategyVersion[]): string[] {
  const faults: string[] = [];
  for (const version of versions) {
    if (version.replaces && !versions.some(({ id }) => id === version.replaces))
      faults.push(`versions.yaml: ${version.id}: replaces "${version.replaces}", which is not in the list`);
    if (version.state !== 'draft' && version.adoptedOn === null) faults.push(`versions.yaml: ${version.id}: adoptedOn: a version that is or was in force needs its day`);
    if (version.adoptedOn && versions.some((other) => other !== version && other.adoptedOn === version.adoptedOn))
      faults.push(`versions.yaml: ${version.id}: adoptedOn: another version has the same day`);
  }
  if (versions.filter(({ state }) => state === 'in-force').length > 1) faults.push('versions.yaml: more than one version is in force');
  return faults;
}
