import type { UploadFault } from '../documents/kind.ts';
import type { DraftRefusal } from './draft.ts';
import type { PublicStanding, Standing } from './obligation.ts';
import type { ReviewFault, ReviewRefusal } from './review.ts';
import type { SubmitFault } from './submit.ts';

const lines = {
  da: {
    lines: 'Linjer',
    nothing: 'Intet at indberette',
    total: 'Salg i alt uden moms',
    ecolabel: 'Heraf miljømærket',
    offContract: 'Heraf uden for aftalen',
    buyers: 'Kunder (GLN-numre)',
    word: 'Hvorfor det er anderledes end sidst',
  },
  en: {
    lines: 'Lines',
    nothing: 'Nothing to report',
    total: 'Sales in total without VAT',
    ecolabel: 'Of which ecolabelled',
    offContract: 'Of which outside the agreement',
    buyers: 'Customers (GLN numbers)',
    word: 'Why it differs from last time',
  },
} as const;

const standing: { da: Record<Standing, string>; en: Record<Standing, string> } = {
  da: {
    coming: 'Åbner senere',
    due: 'Skal indsendes',
    'due-soon': 'Frist snart',
    overdue: 'Frist overskredet',
    returned: 'Sendt tilbage',
    'in-review': 'Indsendt',
    accepted: 'Godkendt',
    rejected: 'Afvist',
    waived: 'Bortfaldet',
  },
  en: {
    coming: 'Opens later',
    due: 'To be filed',
    'due-soon': 'Due soon',
    overdue: 'Overdue',
    returned: 'Returned',
    'in-review': 'Filed',
    accepted: 'Accepted',
    rejected: 'Rejected',
    waived: 'Waived',
  },
};

const publicStanding: { da: Record<PublicStanding, string>; en: Record<PublicStanding, string> } = {
  da: { documented: 'Dokumenteret', 'being-checked': 'Bliver gennemgået', 'not-due': 'Frist ikke nået', 'not-documented': 'Ikke dokumenteret endnu' },
  en: { documented: 'Documented', 'being-checked': 'Being checked', 'not-due': 'Not due yet', 'not-documented': 'Not documented yet' },
};

type FormFault = SubmitFault | ReviewFault | UploadFault;
const faults: { da: Record<FormFault, string>; en: Record<FormFault, string> } = {
  da: {
    required: 'Feltet skal udfyldes.',
    'must-confirm': 'Sæt flueben for at bekræfte.',
    'too-long': 'Teksten er for lang. Forkort den.',
    'not-a-date': 'Skriv en dato, for eksempel 31-12-2026.',
    'not-a-number': 'Skriv et tal, for eksempel 1.250,50.',
    'not-whole': 'Skriv et helt tal uden decimaler.',
    'not-negative': 'Tallet kan ikke være mindre end 0.',
    'not-percent': 'Skriv et tal fra 0 til 100.',
    'not-an-option': 'Vælg en af mulighederne.',
    'expired-already': 'Det er udløbet. Send det, der gælder nu.',
    'ends-before-it-begins': 'Det kan ikke udløbe, før det begynder. Se datoerne efter.',
    'file-required': 'Vælg mindst én fil.',
    'lines-required': 'Vælg en fil med linjer, eller sæt flueben ved, at der ikke er noget at indberette.',
    'lines-in-one-file': 'Linjerne skal stå i én fil. Fjern de andre.',
    'lines-being-read': 'Vi er ikke færdige med at læse filen. Vent lidt, og prøv igen.',
    'lines-unreadable': 'Filen kan ikke læses. Ved filen står, hvad der er galt. Fjern den, og vælg en ny.',
    'lines-to-mend': 'Der er fejl i linjerne. Ret dem i din fil, fjern den gamle, og vælg den nye.',
    'lines-changed': 'Linjerne er læst, siden du åbnede siden. Se tallene efter, og indsend igen.',
    'lines-and-nothing': 'Du har både valgt en fil og sat flueben ved, at der ikke er noget at indberette. Vælg ét af dem.',
    'lines-word-required': 'Skriv kort, hvorfor salget er så anderledes end sidst.',
    'file-refused': 'En af filerne er afvist. Fjern den, og vælg en ny. Ved filen står, hvad der er galt.',
    'file-empty': 'Filen er tom (0 byte). Åbn den på din computer, og se, om den har indhold. Vælg den så igen.',
    'file-too-large': 'Filen er for stor. Del den op, eller gem den i et mindre format.',
    'file-wrong-kind': 'Filtypen kan ikke bruges her. Gem filen som en af de typer, der står ved feltet, og vælg den igen.',
    'file-wrong-content': 'Filens indhold passer ikke til dens navn. Gem den igen fra det program, den er lavet i.',
    'too-many-files': 'Du kan vælge højst 10 filer ad gangen. Gem kladden, og vælg resten bagefter.',
    'decision-required': 'Vælg, om du vil godkende eller sende tilbage.',
    'reason-required': 'Skriv, hvad leverandøren skal rette.',
    'date-in-the-past': 'Den nye frist skal være i dag eller senere.',
  },
  en: {
    required: 'This field must be filled in.',
    'must-confirm': 'Tick the box to confirm.',
    'too-long': 'The text is too long. Please shorten it.',
    'not-a-date': 'Enter a date, for example 31-12-2026.',
    'not-a-number': 'Enter a number, for example 1,250.50.',
    'not-whole': 'Enter a whole number without decimals.',
    'not-negative': 'The number cannot be less than 0.',
    'not-percent': 'Enter a number from 0 to 100.',
    'not-an-option': 'Choose one of the options.',
    'expired-already': 'It has expired. Send the one that is valid now.',
    'ends-before-it-begins': 'It cannot run out before it begins. Check the dates.',
    'file-required': 'Choose at least one file.',
    'lines-required': 'Choose a file with lines, or tick that there is nothing to report.',
    'lines-in-one-file': 'The lines must be in one file. Remove the others.',
    'lines-being-read': 'We have not read the whole file yet. Wait a moment and try again.',
    'lines-unreadable': 'The file cannot be read. Beside the file it says what is wrong. Remove it and choose another.',
    'lines-to-mend': 'There are errors in the lines. Correct them in your file, remove the old one and choose the new one.',
    'lines-changed': 'The lines were read after you opened the page. Look at the figures and file again.',
    'lines-word-required': 'Say briefly why sales differ so much from last time.',
    'lines-and-nothing': 'You have both chosen a file and ticked that there is nothing to report. Keep one of them.',
    'file-refused': 'One of the files has been refused. Remove it, and choose a new one. Beside the file it says what is wrong.',
    'file-empty': 'The file is empty (0 bytes). Open it on your computer to see whether it has content. Then choose it again.',
    'file-too-large': 'The file is too large. Split it, or save it in a smaller format.',
    'file-wrong-kind': 'This type of file cannot be used here. Save the file as one of the types named at the field, and choose it again.',
    'file-wrong-content': 'The content of the file does not match its name. Save it again from the program it was made in.',
    'too-many-files': 'You can choose at most 10 files at a time. Save the draft, and choose the rest afterwards.',
    'decision-required': 'Choose whether to accept or return.',
    'reason-required': 'Write what the supplier must correct.',
    'date-in-the-past': 'The new deadline must be today or later.',
  },
};

type Refused = Exclude<DraftRefusal | ReviewRefusal, 'not-found'>;
const refusals: { da: Record<Refused, string>; en: Record<Refused, string> } = {
  da: {
    'not-allowed': 'Det har du ikke adgang til. Spørg den, der styrer brugerne hos jer.',
    'already-filed': 'Opgaven er allerede indsendt. Det, du skrev her, er ikke sendt. Se kvitteringen nedenfor.',
    'not-open-yet': 'Opgaven er ikke åben endnu. Du kan indsende, når den åbner.',
    'cannot-be-corrected': 'Der er ikke indsendt noget, der kan rettes.',
    'nothing-changed': 'Det er det samme som det, du indsendte sidst. Ret det, der skal rettes. Var det rigtigt, som det var, så skriv til kommunen.',
    'changed-in-another-tab': 'Kladden er ændret et andet sted, efter du åbnede siden. Det, du har skrevet, står stadig i felterne. Gem igen, hvis det er det, der skal gælde.',
    'returned-meanwhile':
      'Opgaven er sendt tilbage til dig, efter du åbnede siden. Læs, hvad der skal rettes. Det, du har skrevet, står i felterne og er gemt i kladden. Indsend igen, når det er rettet.',
    'file-already-filed': 'Filen er indsendt og kan ikke fjernes.',
    'lines-replaced-meanwhile':
      'Linjerne i kladden er skiftet ud et andet sted, efter du åbnede siden. Det, du har skrevet, står stadig her. Gem igen, hvis det er det, der skal gælde.',
    'file-gone': 'En af filerne er slettet hos os, før den blev gemt i kladden. Vælg den igen fra din computer. Det, du har skrevet, står stadig i felterne.',
    'already-decided': 'Sagen er allerede afgjort. Din afgørelse er ikke gemt. Se historikken nedenfor.',
    'changed-meanwhile': 'Sagen er ændret, efter du åbnede siden. Din afgørelse er ikke gemt. Læs den nye indsendelse, og tag stilling igen.',
  },
  en: {
    'not-allowed': 'You do not have access to that. Ask the person who manages users in your organisation.',
    'already-filed': 'This task has already been filed. What you typed here was not sent. See the receipt below.',
    'not-open-yet': 'This task is not open yet. You can file when it opens.',
    'cannot-be-corrected': 'Nothing has been filed that can be corrected.',
    'nothing-changed': 'This is the same as what you filed last. Correct what must be corrected. If it was right as it was, write to the municipality.',
    'changed-in-another-tab': 'The draft was changed elsewhere after you opened this page. What you typed is still in the fields. Save again if that is what should count.',
    'returned-meanwhile':
      'The task was returned to you after you opened this page. Read what must be corrected. What you typed is in the fields and kept in the draft. File again when it is corrected.',
    'file-already-filed': 'The file has been filed and cannot be removed.',
    'lines-replaced-meanwhile': 'The lines of the draft were replaced elsewhere after you opened this page. What you typed is still here. Save again if that is what should count.',
    'file-gone': 'One of the files was deleted on our side before it was saved with the draft. Choose it again from your computer. What you typed is still in the fields.',
    'already-decided': 'This case has already been decided. Your decision was not saved. See the history below.',
    'changed-meanwhile': 'The case changed after you opened the page. Your decision was not saved. Read the new submission, and decide again.',
  },
};

const erased = {
  da: (on: string): string => `Slettet efter reglerne for opbevaring (${on})`,
  en: (on: string): string => `Erased under the rules of retention (${on})`,
};

export const followupMessages = {
  da: {
    standing: standing.da,
    publicStanding: publicStanding.da,
    faults: faults.da,
    refusals: refusals.da,
    erased: erased.da,
    yes: 'Ja',
    no: 'Nej',
    documentation: 'Dokumentation',
    lines: lines.da,
  },
  en: {
    standing: standing.en,
    publicStanding: publicStanding.en,
    faults: faults.en,
    refusals: refusals.en,
    erased: erased.en,
    yes: 'Yes',
    no: 'No',
    documentation: 'Documentation',
    lines: lines.en,
  },
} as const;
