const da = {
  403: { title: 'Du har ikke adgang', text: 'Din bruger har ikke adgang til denne side. Spørg den, der styrer brugerne hos jer, eller log ind som en anden.' },
  404: { title: 'Siden findes ikke', text: 'Adressen kan være skrevet forkert, eller siden kan være flyttet. Du kan også være logget ind som en anden end den, siden er til.' },
  413: { title: 'Det var for meget på én gang', text: 'Det, du sendte, er større end det, vi kan tage imod. Send færre eller mindre filer.' },
  500: {
    title: 'Noget gik galt hos os',
    text: 'Fejlen er skrevet ned. Det, du tidligere har gemt, er der stadig. Prøv igen om lidt. Skriv til os med nummeret, hvis det sker igen.',
  },
  503: { title: 'Siden er utilgængelig et øjeblik', text: 'Vi kan ikke nå vores database lige nu. Det, du tidligere har gemt, er der stadig. Prøv igen om et minut.' },
  reference: 'Nummer',
  home: 'Gå til forsiden',
  agreements: 'Se alle aftaler',
  contact: 'Skriv til',
};
const en: typeof da = {
  403: {
    title: 'You do not have access',
    text: 'Your account does not have access to this page. Ask the person who manages users in your organisation, or log in as someone else.',
  },
  404: {
    title: 'This page does not exist',
    text: 'The address may be mistyped, or the page may have moved. You may also be logged in as someone other than the person the page is for.',
  },
  413: { title: 'That was too much at once', text: 'What you sent is larger than we can receive. Send fewer or smaller files.' },
  500: {
    title: 'Something went wrong on our side',
    text: 'The error has been recorded. What you saved earlier is still here. Try again in a while. Write to us with the number if it happens again.',
  },
  503: { title: 'The site is unavailable for a moment', text: 'We cannot reach our database right now. What you saved earlier is still here. Try again in a minute.' },
  reference: 'Number',
  home: 'Go to the front page',
  agreements: 'See all agreements',
  contact: 'Write to',
};
export const problemMessages = { da, en };
