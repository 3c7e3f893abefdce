const da = {
  link: 'Fortæl om noget, der er sket',
  lead: 'Noget skal du selv fortælle kommunen, når det sker. Vælg, hvad det er, og hvornår det skete. Så åbner opgaven, og du kan svare med det samme.',
  what: 'Hvad drejer det sig om?',
  dayHint: 'Dagen i dag eller tidligere, inden for aftalens periode.',
  go: 'Åbn opgaven',
  empty: 'Der er ikke noget, du skal fortælle om af dig selv på dine aftaler. Er der sket noget alligevel, så ring eller skriv til kommunen.',
  contact: 'Kontakt kommunen',
  faults: {
    nothing: 'Vælg, hvad det drejer sig om.',
    'not-found': 'Det bliver der ikke længere bedt om på den aftale. Vælg noget andet.',
  },
};

const en: typeof da = {
  link: 'Tell us about something that has happened',
  lead: 'There are things you must tell the municipality yourself when they happen. Choose what it is, and when it happened. The task opens, and you can answer at once.',
  what: 'What is it about?',
  dayHint: 'Today or earlier, within the period of the agreement.',
  go: 'Open the task',
  empty: 'There is nothing that you must tell us about by yourself under your agreements. If something has happened all the same, call or write to the municipality.',
  contact: 'Contact the municipality',
  faults: {
    nothing: 'Choose what it is about.',
    'not-found': 'That is no longer asked for under that agreement. Choose something else.',
  },
};

export const reportMessages = { da, en };
