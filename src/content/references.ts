import path from 'node:path';
import { faultsOf } from '../strategy/version.ts';
import { figureFaults } from './figures.ts';
import { type Fault, namesIn } from './files.ts';
import type { Read, Reading } from './load.ts';

/** The pages that law expects; each has its address in i18n/routes.ts. */
export const expectedPages = ['cookies', 'privatliv', 'tilgaengelighed'] as const;

/** What does not hang together: names that point to nothing, names used twice, texts in one language only. */
export function referenceFaults(read: Reading): Fault[] {
  const faults: Fault[] = [];
  const areas = read.focusAreas?.value ?? [];
  const known = {
    'focus area': areas.map(({ id }) => id),
    goal: areas.flatMap(({ goals }) => goals.map(({ id }) => id)),
    // By the files there are: one with faults of its own is not missing.
    requirement: namesIn(path.join(read.folder, 'requirements/da'), '.md'),
    'obligation type': namesIn(path.join(read.folder, 'obligation-types'), '.yaml'),
    version: (read.versions?.value ?? []).map(({ id }) => id),
  };
  const unread = new Set([...(read.focusAreas ? [] : ['focus area', 'goal']), ...(read.versions ? [] : ['version'])]);
  const mustExist = ({ source }: Read<unknown>, kind: keyof typeof known, id: string, ...field: PropertyKey[]): void => {
    if (!unread.has(kind) && !known[kind].includes(id)) faults.push(source.fault(field, `there is no ${kind} "${id}"${suggestion(id, known[kind])}`));
  };
  const twice = <T extends { readonly id: string }>(list: Read<readonly T[]> | undefined): void => {
    for (const [index, { id }] of (list?.value ?? []).entries()) {
      if (list?.value.findIndex((other) => other.id === id) !== index) list && faults.push(list.source.fault([index, 'id'], `"${id}" is used twice; give each its own`));
    }
  };

  for (const kind of ['strategy', 'requirements', 'pages', 'news']) faults.push(...twinFaults(read.folder, kind));
  for (const list of [read.focusAreas, read.versions, read.actions, read.indicators, read.legalFigures, read.categories])
    twice(list as Read<readonly { id: string }[]> | undefined);

  for (const entry of read.requirements.da) {
    mustExist(entry, 'focus area', entry.value.focusArea, 'focusArea');
    entry.value.goals.forEach((goal, index) => void mustExist(entry, 'goal', goal, 'goals', index));
    entry.value.obligationTypes.forEach((type, index) => void mustExist(entry, 'obligation type', type, 'obligationTypes', index));
    const english = read.requirements.en.find(({ id }) => id === entry.id);
    if (english && english.value.evidence.length !== entry.value.evidence.length)
      faults.push(english.source.fault(['evidence'], `has ${english.value.evidence.length} entries, the Danish file ${entry.value.evidence.length}; translate each`));
  }
  for (const entry of read.chapters.da) {
    if (entry.value.focusArea !== undefined) mustExist(entry, 'focus area', entry.value.focusArea, 'focusArea');
    mustExist(entry, 'version', entry.value.version, 'version');
    const english = read.chapters.en.find(({ id }) => id === entry.id);
    for (const field of ['order', 'focusArea', 'version', 'draft'] as const)
      if (english && english.value[field] !== entry.value[field])
        faults.push(english.source.fault([field], `is ${english.value[field]}, in the Danish file ${entry.value[field]}; make them the same`));
  }
  for (const lang of ['da', 'en'] as const) {
    for (const field of ['slug', 'order'] as const) {
      read.chapters[lang].forEach((entry, index, all) => {
        const first = all.find((other) => other.value[field] === entry.value[field]);
        if (first && all.indexOf(first) < index) faults.push(entry.source.fault([field], `is the same as in ${first.source.file}; give each chapter its own`));
      });
    }
  }
  read.actions?.value.forEach((action, index) => {
    if (!read.actions) return;
    mustExist(read.actions, 'goal', action.goal, index, 'goal');
    action.requirements.forEach((id, place) => void (read.actions && mustExist(read.actions, 'requirement', id, index, 'requirements', place)));
    if ('measure' in action) mustExist(read.actions, 'requirement', action.measure.requirement, index, 'measure', 'requirement');
  });
  read.categories?.value.forEach((category, index) => {
    for (const [place, goods] of category.children.entries())
      goods.requirements.forEach((id, spot) => void (read.categories && mustExist(read.categories, 'requirement', id, index, 'children', place, 'requirements', spot)));
  });
  for (const [place, { types = [] }] of (read.retention?.value.classes ?? []).entries())
    types.forEach((type, spot) => void (read.retention && mustExist(read.retention, 'obligation type', type, 'classes', place, 'types', spot)));
  for (const entry of read.types) if (entry.value.id !== entry.id) faults.push(entry.source.fault(['id'], `is "${entry.value.id}", but the file is called ${entry.id}.yaml`));
  faults.push(...figureFaults(read, suggestion));
  if (read.versions) for (const { index, field, message } of faultsOf(read.versions.value)) faults.push(read.versions.source.fault([index, field], message));
  const measured = read.measured?.value;
  read.criteria?.value.forEach((criterion, index) => {
    if (measured && criterion.checked.includes('axe') && criterion.result === 'met' && (measured.criteria[criterion.id]?.findings ?? 0) > 0)
      faults.push(...(read.criteria ? [read.criteria.source.fault([index, 'result'], 'says met, but the automatic rules found faults; mend them or write partly')] : []));
  });
  for (const name of expectedPages) {
    if (!namesIn(path.join(read.folder, 'pages/da'), '.md').includes(name) && !faults.some(({ file }) => file.endsWith(`pages/da/${name}.md`)))
      faults.push({ file: `${read.folder}/pages/da/${name}.md`, line: null, field: '', message: 'is missing; law expects the page' });
  }
  for (const { id, source } of read.pages.da)
    if (!(expectedPages as readonly string[]).includes(id)) faults.push({ ...source.fault([], `has no address; call it one of ${expectedPages.join(', ')}`), line: null });
  return faults;
}

function twinFaults(folder: string, kind: string): Fault[] {
  const names = { da: namesIn(path.join(folder, kind, 'da'), '.md'), en: namesIn(path.join(folder, kind, 'en'), '.md') };
  const missing = (from: 'da' | 'en', to: 'da' | 'en', language: string): Fault[] =>
    names[from]
      .filter((name) => !names[to].includes(name))
      .map((name) => ({ file: `${folder}/${kind}/${to}/${name}.md`, line: null, field: '', message: `is missing; ${kind}/${from}/${name}.md needs its ${language} twin` }));
  return [...missing('da', 'en', 'English'), ...missing('en', 'da', 'Danish')];
}

/** "; did you mean …?", or the names there are when they are few. */
function suggestion(wrong: string, known: readonly string[]): string {
  const [nearest] = known.map((name) => ({ name, far: distance(wrong, name) })).sort((a, b) => a.far - b.far);
  if (nearest && nearest.far <= Math.max(2, wrong.length / 3)) return `; did you mean "${nearest.name}"?`;
  return known.length > 0 && known.length <= 12 ? `; there are: ${known.join(', ')}` : '';
}

/** How many letters differ (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
