import path from 'node:path';
import { unitFault } from '../observations/observed.ts';
import { type Fault, namesIn } from './files.ts';
import type { Reading } from './load.ts';

/** What does not hang together between content/indicators.yaml and the types that give figures. */
export function figureFaults({ folder, indicators, types }: Reading, suggestion: (wrong: string, known: readonly string[]) => string): Fault[] {
  const faults: Fault[] = [];
  if (!indicators) return faults;
  const known = indicators.value;
  const ids = known.map(({ id }) => id);
  const missing = (id: string): string => `there is no indicator "${id}"${suggestion(id, ids)}`;
  for (const { value: type, source } of types) {
    for (const [place, entry] of (type.observations ?? []).entries()) {
      const indicator = known.find(({ id }) => id === entry.indicator);
      const wrong = indicator ? unitFault(entry, indicator, type.fields) : missing(entry.indicator);
      if (wrong) faults.push(source.fault(['observations', place, 'indicator'], wrong));
    }
  }
  // Types that have faults of their own are not among those that were read: what else is missing is said when they are mended.
  if (faults.length > 0 || types.length < namesIn(path.join(folder, 'obligation-types'), '.yaml').length) return faults;
  const typesWith = (id: string): string =>
    types
      .filter(({ value }) => value.observations?.some(({ indicator }) => indicator === id))
      .map((entry) => entry.id)
      .join(', ');
  for (const [place, indicator] of known.entries()) {
    if (indicator.kind !== 'ratio') {
      if (typesWith(indicator.id) === '')
        faults.push(indicators.source.fault([place, 'id'], `"${indicator.id}" comes from no type of documentation; name it in one, or take it out`));
      continue;
    }
    const parts = (['of', 'per'] as const).map((part) => ({ part, found: known.find(({ id }) => id === indicator[part]) }));
    for (const { part, found } of parts) {
      if (!found) faults.push(indicators.source.fault([place, part], missing(indicator[part])));
      else if (found.kind === 'ratio') faults.push(indicators.source.fault([place, part], `"${found.id}" is a ratio itself; name one of its parts`));
    }
    // Parts from different types would be of different suppliers, and open to different readers.
    if (parts.every(({ found }) => found) && typesWith(indicator.of) !== typesWith(indicator.per))
      faults.push(indicators.source.fault([place, 'of'], `"${indicator.of}" comes from other types than "${indicator.per}"; both must come from the same`));
  }
  return faults;
}
