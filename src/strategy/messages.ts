const da = {
  title: 'Indkøbsstrategi',
  lead: 'Strategien siger, hvad kommunen vil med sine indkøb. Følg et mål hele vejen ned til de aftaler, der bærer det, og til det, der er dokumenteret.',
  focusAreas: 'De tre indsatsområder',
  goals: 'Mål',
  chapters: 'Kapitler',
  version: (v: string) => `Udgave ${v}`,
  measure: 'Sådan måler vi det',
  carriedBy: 'Krav, der bærer målet',
  agreementsWith: (n: number) => (n === 1 ? '1 aftale' : `${n} aftaler`),
  nextChapter: 'Næste kapitel',
  noRequirements: 'Ingen krav endnu.',
};
const en: typeof da = {
  title: 'Procurement strategy',
  lead: 'The strategy says what the municipality wants with its purchasing. Follow a goal all the way down to the agreements that carry it and to what has been documented.',
  focusAreas: 'The three focus areas',
  goals: 'Goals',
  chapters: 'Chapters',
  version: (v) => `Version ${v}`,
  measure: 'How we measure it',
  carriedBy: 'Requirements that carry the goal',
  agreementsWith: (n) => (n === 1 ? '1 agreement' : `${n} agreements`),
  nextChapter: 'Next chapter',
  noRequirements: 'No requirements yet.',
};
export const strategyMessages = { da, en };
