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

/** Faults in the list of versions: two of one date, one without its date or predecessor, more than one in force. */
export function faultsOf(versions: readonly StrategyVersion[]): { readonly index: number; readonly field: keyof StrategyVersion; readonly message: string }[] {
  return versions.flatMap((version, index) => {
    const faults: ReturnType<typeof faultsOf> = [];
    if (version.replaces && !versions.some(({ id }) => id === version.replaces))
      faults.push({ index, field: 'replaces', message: `there is no version "${version.replaces}" in the list` });
    if (version.state !== 'draft' && version.adoptedOn === null)
      faults.push({ index, field: 'adoptedOn', message: 'a version that is or was in force needs the day on which it was adopted' });
    if (version.adoptedOn && versions.findIndex((other) => other.adoptedOn === version.adoptedOn) < index)
      faults.push({ index, field: 'adoptedOn', message: 'another version has the same day; only one can be the later' });
    if (version.state === 'in-force' && versions.findIndex((other) => other.state === 'in-force') < index)
      faults.push({ index, field: 'state', message: 'another version is in force already; mark it superseded' });
    return faults;
  });
}
