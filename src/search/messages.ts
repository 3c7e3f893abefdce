import type { EntryKind } from './collect.ts';

const da = {
  title: 'Søg',
  lead: 'Søg i strategi, krav, aftaler, udbud og sider. Brug de ord, du selv ville bruge.',
  field: 'Hvad leder du efter?',
  submit: 'Søg',
  kinds: { strategy: 'Strategi', requirement: 'Krav', agreement: 'Aftaler', supplier: 'Leverandører', tender: 'Udbud', page: 'Sider' } satisfies Record<EntryKind, string>,
  all: 'Alt',
  filter: 'Vis kun',
  found: (n: number, question: string) => (n === 1 ? `1 resultat for »${question}«` : `${n} resultater for »${question}«`),
  nothing: (question: string) => `Ingen resultater for »${question}«`,
  live: { many: '# resultater for »*«', one: '1 resultat for »*«', none: 'Ingen resultater for »*«', enter: 'Tryk Enter for at søge i alt, også i udløbne aftaler.' },
  help: 'Prøv et andet ord eller færre ord. Du kan også gå til en af oversigterne:',
};
const en: typeof da = {
  title: 'Search',
  lead: 'Search the strategy, requirements, agreements, tenders and pages. Use the words that you would use yourself.',
  field: 'What are you looking for?',
  submit: 'Search',
  kinds: { strategy: 'Strategy', requirement: 'Requirements', agreement: 'Agreements', supplier: 'Suppliers', tender: 'Tenders', page: 'Pages' },
  all: 'All',
  filter: 'Show only',
  found: (n, question) => (n === 1 ? `1 result for “${question}”` : `${n} results for “${question}”`),
  nothing: (question) => `No results for “${question}”`,
  live: { many: '# results for “*”', one: '1 result for “*”', none: 'No results for “*”', enter: 'Press Enter to search everything, ended agreements too.' },
  help: 'Try another word or fewer words. You can also go to one of the lists:',
};
export const searchMessages = { da, en };
