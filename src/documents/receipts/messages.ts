import type { ReceiptFault } from './verify.ts';

/** What is wrong with a receipt: what it is, and what to do. `owner` is the municipality. */
type FaultWords = Readonly<Record<ReceiptFault, (owner: string) => { readonly title: string; readonly text: string }>>;

const daFaults: FaultWords = {
  'not-a-receipt': () => ({
    title: 'Filen er ikke en kvittering',
    text: 'Der er ingen kvittering i filen. Er det en PDF, som er gemt igen af et andet program, så hent kvitteringen på ny, og prøv med den.',
  }),
  'cut-off': () => ({ title: 'Kvitteringen er ikke hel', text: 'Slutningen af filen mangler. Hent kvitteringen igen, og prøv med den.' }),
  several: () => ({ title: 'Der er flere kvitteringer i filen', text: 'Der skal være netop én, så filen er lavet om, efter at den blev udstedt. Hent kvitteringen igen.' }),
  newer: () => ({ title: 'Kvitteringen er af en nyere slags', text: 'Denne side kender den ikke. Genindlæs siden, og prøv igen.' }),
  'unknown-key': (owner) => ({
    title: `Kvitteringen er ikke underskrevet af ${owner}`,
    text: 'Underskriften er lavet med en nøgle, som kommunen ikke har. Enten er kvitteringen fra et andet sted, eller også er den falsk. Har siden stået åben længe, så genindlæs den, og prøv igen.',
  }),
  'changed-statement': () => ({
    title: 'Kvitteringen er ændret',
    text: 'Underskriften passer ikke til det, der står. Noget af det, kvitteringen siger, er ændret, efter at kommunen skrev under: nummer, tid, navn, filer eller andet. Stol ikke på den.',
  }),
  'changed-proof': () => ({
    title: 'Kvitteringen er ændret',
    text: 'Underskriften passer ikke. Det er underskriften eller beviset bag i kvitteringen, der er ændret. Hent kvitteringen igen, og prøv med den.',
  }),
  'not-in-log': (owner) => ({
    title: 'Kvitteringen passer ikke med loggen',
    text: `Underskriften er kommunens, men kvitteringens bevis fører ikke til den log, den selv nævner. Det må ikke kunne ske. Skriv til ${owner}, og gem kvitteringen.`,
  }),
};

const da = {
  working: 'Kontrollerer …',
  valid: 'Kvitteringen er ægte og uændret',
  validText: (owner: string) =>
    `Den er underskrevet af ${owner}. Kommunen har modtaget netop det, der står her, på det tidspunkt, der står her. Det kan kommunen ikke lave om på bagefter, uden at det kan ses.`,
  validButFiles: (count: number): string =>
    count === 1 ? 'Kvitteringen er ægte, men en af dine filer står ikke på den' : `Kvitteringen er ægte, men ${count} af dine filer står ikke på den`,
  cut: 'Kvitteringens oplysninger er ægte, men PDF-filen er ikke hel',
  cutText: 'Slutningen af PDF-filen mangler, så den er ikke, som kommunen udstedte den. Hent kvitteringen igen, hvis PDF-filen skal bruges.',
  allValid: (count: number) => `Alle ${count} kvitteringer er ægte og uændrede`,
  someBad: (bad: number, of: number) => `${bad} af ${of} kvitteringer er ikke i orden`,
  eachBelow: 'Hver kvittering har sit eget resultat herunder.',
  pdfNote: 'Underskriften gælder det, der står her på siden. Sammenlign det med det, du kan læse i PDF-filen. Står der noget andet i PDF-filen, er det PDF-filen, der er ændret.',
  file: 'Fil',
  number: 'Kvitteringsnummer',
  issuer: 'Udstedt af',
  receivedAt: 'Modtaget',
  danishTime: 'dansk tid',
  filedBy: 'Indsendt af',
  documentation: 'Dokumentation',
  agreement: 'Aftale',
  dueOn: 'Frist',
  round: 'Indsendelse nummer',
  place: 'Plads i loggen',
  placeText: (seq: string, at: string) => `Nr. ${seq}, skrevet ${at}`,
  placedLater: (seq: string, at: string) => `Nr. ${seq}, skrevet ${at}, da kvitteringen blev lavet. Det, den handler om, var modtaget før.`,
  receiptFiles: 'Filer på kvitteringen',
  noFiles: 'Der blev ikke sendt filer.',
  answers: 'Svarene i skemaet',
  sameFile: 'Din fil er den samme',
  compare: 'Vælg også filerne selv, så ser du, om det er dem, kommunen har modtaget.',
  yourFiles: 'Dine filer',
  otherFiles: 'Dine andre filer',
  notListed: 'Står ikke på kvitteringen',
  notListedText: 'En fil, som ikke står på kvitteringen, er enten en anden fil, eller også er den ændret, siden den blev sendt. Det er nok, at ét tegn er ændret.',
  known: (date: string) => `Modtaget første gang ${date}`,
  unknown: 'Ikke modtaget',
  allKnown: (count: number): string => (count === 1 ? 'Kommunen har modtaget filen' : 'Kommunen har modtaget filerne'),
  allKnownText: 'Kommunen har modtaget netop det indhold, på den dag, der står her. Hvem der sendte det, og hvad det handler om, står på kvitteringen.',
  aloneText: 'Ingen af filerne er en kvittering. Vi har spurgt, om kommunen har modtaget filer med netop det indhold. Vis kvitteringen for at se mere.',
  notAsked: 'Kan ikke svare lige nu',
  offlineText: 'Der er ingen forbindelse, så vi kan ikke spørge, om kommunen har modtaget filen. En kvittering kan kontrolleres uden.',
  tooManyText: 'Der er spurgt mange gange herfra. Vent et kvarter, og prøv igen.',
  tooLarge: { title: 'Filerne er for store til at sende', text: 'De må højst fylde 2 MB tilsammen. Send kun kvitteringen, eller brug kommandoen længere nede.' },
  unreadable: { title: 'Filen kan ikke læses', text: 'Browseren kunne ikke læse filen. Vælg den igen, eller brug kommandoen længere nede.' },
  noCrypto: {
    title: 'Din browser kan ikke kontrollere underskrifter',
    text: 'Den er for gammel, eller siden er åbnet uden https. Knappen »Kontrollér« sender kvitteringen til os i stedet. Vi svarer og gemmer den ikke.',
  },
  nothingChosen: { title: 'Der er ikke valgt en fil', text: 'Vælg kvitteringen, og prøv igen.' },
  faults: daFaults,
};

const enFaults: FaultWords = {
  'not-a-receipt': () => ({
    title: 'The file is not a receipt',
    text: 'There is no receipt in the file. If it is a PDF that another program has saved, fetch the receipt again and try with that.',
  }),
  'cut-off': () => ({ title: 'The receipt is not whole', text: 'The end of the file is missing. Fetch the receipt again and try with that.' }),
  several: () => ({ title: 'There are several receipts in the file', text: 'There must be exactly one, so the file was changed after it was issued. Fetch the receipt again.' }),
  newer: () => ({ title: 'The receipt is of a newer kind', text: 'This page does not know it. Reload the page and try again.' }),
  'unknown-key': (owner) => ({
    title: `The receipt is not signed by ${owner}`,
    text: 'It was signed with a key that the municipality does not have. Either the receipt is from elsewhere, or it is forged. If this page has been open for long, reload it and try again.',
  }),
  'changed-statement': () => ({
    title: 'The receipt has been changed',
    text: 'The signature does not fit what it says. Something was changed after the municipality signed it: number, time, name, files or something else. Do not trust it.',
  }),
  'changed-proof': () => ({
    title: 'The receipt has been changed',
    text: 'The signature does not fit. It is the signature or the proof at the end of the receipt that was changed. Fetch the receipt again and try with that.',
  }),
  'not-in-log': (owner) => ({
    title: 'The receipt does not agree with the log',
    text: `The signature is the municipality’s, but the proof does not lead to the log that the receipt names. This must not happen. Write to ${owner}, and keep the receipt.`,
  }),
};

const en: typeof da = {
  working: 'Checking …',
  valid: 'The receipt is genuine and unchanged',
  validText: (owner) =>
    `It is signed by ${owner}. The municipality received exactly what stands here, at the time that stands here. The municipality cannot change that afterwards without it being seen.`,
  validButFiles: (count) => (count === 1 ? 'The receipt is genuine, but one of your files is not on it' : `The receipt is genuine, but ${count} of your files are not on it`),
  cut: 'What the receipt says is genuine, but the PDF file is not whole',
  cutText: 'The end of the PDF file is missing, so it is not as the municipality issued it. Fetch the receipt again if the PDF file is needed.',
  allValid: (count) => `All ${count} receipts are genuine and unchanged`,
  someBad: (bad, of) => `${bad} of ${of} receipts ${bad === 1 ? 'does' : 'do'} not hold`,
  eachBelow: 'Each receipt has its own result below.',
  pdfNote: 'The signature covers what stands on this page. Compare it with what you can read in the PDF file. If the PDF says something else, it is the PDF that was changed.',
  file: 'File',
  number: 'Receipt number',
  issuer: 'Issued by',
  receivedAt: 'Received',
  danishTime: 'Danish time',
  filedBy: 'Filed by',
  documentation: 'Documentation',
  agreement: 'Agreement',
  dueOn: 'Deadline',
  round: 'Filing number',
  place: 'Place in the log',
  placeText: (seq, at) => `No. ${seq}, written ${at}`,
  placedLater: (seq, at) => `No. ${seq}, written ${at}, when the receipt was made. What it is about had been received before.`,
  receiptFiles: 'Files on the receipt',
  noFiles: 'No files were sent.',
  answers: 'The answers in the form',
  sameFile: 'Your file is the same',
  compare: 'Choose the files themselves too, and you will see whether they are those that the municipality received.',
  yourFiles: 'Your files',
  otherFiles: 'Your other files',
  notListed: 'Is not on the receipt',
  notListedText: 'A file that is not on the receipt is either another file, or it was changed after it was sent. One changed character is enough.',
  known: (date) => `First received on ${date}`,
  unknown: 'Not received',
  allKnown: (count) => (count === 1 ? 'The municipality has received the file' : 'The municipality has received the files'),
  allKnownText: 'The municipality received exactly that content, on the day that stands here. Who sent it and what it is about stands on the receipt.',
  aloneText: 'None of the files is a receipt. We have asked whether the municipality received files with exactly that content. Show the receipt to see more.',
  notAsked: 'Cannot answer right now',
  offlineText: 'There is no connection, so we cannot ask whether the municipality received the file. A receipt can be checked without.',
  tooManyText: 'Many questions have come from here. Wait a quarter of an hour and try again.',
  tooLarge: { title: 'The files are too large to send', text: 'Together they may be 2 MB at most. Send the receipt only, or use the command further down.' },
  unreadable: { title: 'The file cannot be read', text: 'The browser could not read the file. Choose it again, or use the command further down.' },
  noCrypto: {
    title: 'Your browser cannot check signatures',
    text: 'It is too old, or the page was opened without https. The button “Check” sends the receipt to us instead. We answer and do not keep it.',
  },
  nothingChosen: { title: 'No file was chosen', text: 'Choose the receipt and try again.' },
  faults: enFaults,
};

export const receiptMessages = { da, en };
