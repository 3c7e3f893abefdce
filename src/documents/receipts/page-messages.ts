/** What stands on the page before anything is checked. Apart from the words of results, so that those alone go to the browser's program. */
const da = {
  title: 'Kontrollér en kvittering',
  lead: (owner: string) => `Har du fået en kvittering for noget, der er sendt til ${owner}? Her kan du se, om den er ægte, og om den er uændret.`,
  privacy:
    'Kontrollen sker i din egen browser. Hverken kvittering eller filer bliver sendt til nogen, og siden virker også uden net, når den først er åben. Kun hvis du vælger en fil uden kvittering, spørger siden vores server, om den kender filens fingeraftryk. Selve filen bliver hos dig.',
  choose: 'Vælg kvitteringen, og gerne de filer, den handler om',
  hint: 'Kvitteringen er en PDF- eller JSON-fil. Du kan også trække filerne hertil.',
  send: 'Kontrollér',
  noScript:
    'Din browser kører ikke sidens program, og så kan kontrollen ikke ske hos dig. Knappen sender filerne til os i stedet. Vi svarer med det samme og gemmer dem ikke. Højst 2 MB i alt.',
  result: 'Resultat',
  how: 'Uden denne side',
  howText:
    'Du behøver ikke stole på siden. Programmet, der kontrollerer, er en fil på omkring 120 linjer, som du kan læse. Hent den og kommunens offentlige nøgler, og kør den selv med Node 24:',
  verifier: 'Hent programmet (verify.ts)',
  keys: 'Hent nøglerne (receipt-keys.json)',
  operator: 'Har du portalen installeret, gør den det samme:',
  log: 'Loggens kontrolpunkter',
  logText:
    'Hver gang noget bliver indsendt eller afgjort på portalen, bliver det skrevet i en log. Hver time offentliggør vi et kontrolpunkt: et underskrevet fingeraftryk af hele loggen. Gem et. Så kan alle se det, hvis noget i loggen før det bliver ændret, også hvis det er os, der gør det. Hver kvittering er også et kontrolpunkt.',
  newest: 'Det nyeste kontrolpunkt',
  all: 'Alle kontrolpunkter (JSON)',
  compare: 'Har du gemt et kontrolpunkt, så viser denne kommando, om loggen stadig begynder på samme måde. Den kræver ikke adgang til loggen:',
};

const en: typeof da = {
  title: 'Check a receipt',
  lead: (owner) => `Have you got a receipt for something that was sent to ${owner}? Here you can see whether it is genuine, and whether it is unchanged.`,
  privacy:
    'The check is made in your own browser. Neither receipt nor files are sent to anybody, and the page works without a connection once it is open. Only if you choose a file without a receipt does the page ask our server whether it knows the file’s fingerprint. The file itself stays with you.',
  choose: 'Choose the receipt, and if you like the files that it is about',
  hint: 'The receipt is a PDF or JSON file. You can also drag the files here.',
  send: 'Check',
  noScript:
    'Your browser does not run the page’s program, so it cannot be checked on your side. The button sends the files to us instead. We answer at once and do not keep them. At most 2 MB in all.',
  result: 'Result',
  how: 'Without this page',
  howText:
    'You need not trust this page. The program that checks is a file of about 120 lines that you can read. Fetch it and the municipality’s public keys, and run it yourself with Node 24:',
  verifier: 'Fetch the program (verify.ts)',
  keys: 'Fetch the keys (receipt-keys.json)',
  operator: 'If you have the portal installed, it does the same:',
  log: 'Checkpoints of the log',
  logText:
    'Each time something is filed or decided on the portal, it is written in a log. Each hour we publish a checkpoint: a signed fingerprint of the whole log. Keep one. Then everybody can see it if anything in the log before it is changed, even by us. Each receipt is a checkpoint too.',
  newest: 'The newest checkpoint',
  all: 'All checkpoints (JSON)',
  compare: 'If you have kept a checkpoint, this command shows whether the log still begins in the same way. It needs no access to the log:',
};

export const verifyPageMessages = { da, en };
