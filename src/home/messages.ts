const da = {
  title: 'Indkøb og udbud',
  doors: [
    { to: 'strategy', title: 'Se, hvad kommunen vil', text: 'Læs strategien, og følg hvert mål ned til de aftaler, der bærer det.', link: 'Læs strategien' },
    { to: 'tenders', title: 'Byd på en opgave', text: 'Find åbne og kommende udbud, og se, hvilke krav der bliver stillet.', link: 'Se udbud' },
    {
      to: 'agreements',
      title: 'Find den rigtige aftale',
      text: 'Skal du købe ind til en skole eller et plejecenter? Find aftalen og se, hvordan du bestiller.',
      link: 'Se aftaler',
    },
  ],
  figures: 'Lige nu',
  active: 'aftaler gælder nu',
  documented: (all: number) => `af ${all} krav om dokumentation er opfyldt`,
  open: 'udbud er åbne for tilbud',
  source: (date: string) => `Opgjort ${date} ud fra kommunens aftaler og opfølgning.`,
  closing: 'Udbud, der snart lukker',
  deadline: (date: string) => `Frist ${date}`,
  supplier: 'Er du leverandør med en aftale?',
  supplierText: 'Log ind for at se, hvad du skal dokumentere, og hvornår.',
};
const en: typeof da = {
  title: 'Procurement',
  doors: [
    { to: 'strategy', title: 'See what the municipality wants', text: 'Read the strategy, and follow each goal down to the agreements that carry it.', link: 'Read the strategy' },
    { to: 'tenders', title: 'Tender for work', text: 'Find open and coming tenders, and see which requirements will be made.', link: 'See tenders' },
    { to: 'agreements', title: 'Find the right agreement', text: 'Buying for a school or a care home? Find the agreement and see how to order.', link: 'See agreements' },
  ],
  figures: 'Right now',
  active: 'agreements are in force',
  documented: (all) => `of ${all} requests for documentation are met`,
  open: 'tenders are open',
  source: (date) => `Counted ${date} from the municipality’s agreements and follow-up.`,
  closing: 'Tenders closing soon',
  deadline: (date) => `Due ${date}`,
  supplier: 'Are you a supplier with an agreement?',
  supplierText: 'Log in to see what you must document, and by when.',
};
export const homeMessages = { da, en };
