import { agreementMessages } from '../agreements/messages.ts';

type Status = 'open' | 'planned' | 'closed';
const da = {
  title: 'Udbud',
  lead: 'Opgaver og indkøb, du kan byde på nu, og dem, der er på vej.',
  groups: { open: 'Åbne for tilbud', planned: 'På vej', closed: 'Lukkede' } satisfies Record<Status, string>,
  empty: { open: 'Der er ingen åbne udbud lige nu. Se dem, der er på vej.', planned: 'Der er ingen planlagte udbud.', closed: 'Ingen udbud er lukket for nylig.' } satisfies Record<
    Status,
    string
  >,
  status: { open: 'Åbent', planned: 'Planlagt', closed: 'Lukket' } satisfies Record<Status, string>,
  procedure: agreementMessages.da.procedure,
  deadline: 'Frist for tilbud',
  daysLeft: (days: string) => `udløber ${days}`,
  expected: 'Forventes annonceret',
  estimate: 'Planen kan ændre sig.',
  value: 'Anslået værdi',
  valueNote: 'uden moms',
  cpv: 'CPV-kode',
  procedureLabel: 'Udbudsform',
  replaces: 'Afløser aftalen',
  requirements: 'Krav, der vil gælde',
  noRequirements: 'Kravene er ikke fastlagt endnu.',
  bid: 'Sådan byder du',
  bidText: 'Du finder udbudsmaterialet og sender dit tilbud i udbudssystemet.',
  bidLink: 'Gå til udbudsmaterialet',
  contact: 'Kontakt',
};
const en: typeof da = {
  title: 'Tenders',
  lead: 'Work and purchases that you can tender for now, and those on their way.',
  groups: { open: 'Open for tenders', planned: 'On the way', closed: 'Closed' },
  empty: { open: 'There are no open tenders right now. See those on the way.', planned: 'There are no planned tenders.', closed: 'No tenders were closed lately.' },
  status: { open: 'Open', planned: 'Planned', closed: 'Closed' },
  procedure: agreementMessages.en.procedure,
  deadline: 'Deadline for tenders',
  daysLeft: (days) => `ends ${days}`,
  expected: 'Notice expected',
  estimate: 'The plan may change.',
  value: 'Estimated value',
  valueNote: 'excluding VAT',
  cpv: 'CPV code',
  procedureLabel: 'Procedure',
  replaces: 'Replaces the agreement',
  requirements: 'Requirements that will apply',
  noRequirements: 'The requirements have not been settled yet.',
  bid: 'How to tender',
  bidText: 'You find the procurement documents and submit your tender in the tendering system.',
  bidLink: 'Go to the procurement documents',
  contact: 'Contact',
};
export const tenderMessages = { da, en };
