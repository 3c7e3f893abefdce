import { formatBytes, formatChoice } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { reasonText } from '../checks/messages.ts';
import { type FileKind, kinds } from '../kind.ts';
import { checksumAlgorithms } from './protocol.ts';
import type { UploadState } from './queries.ts';
import type { UploadRefusal } from './upload.ts';

/** Everything that can be in the way of an upload: what is refused, and what is our own trouble. */
export type UploadProblem = UploadRefusal | 'disk-full' | 'disk-failed' | 'database-away' | 'failed';

type Facts = Readonly<Record<string, string>>;
type Words = Readonly<Record<UploadProblem, string | ((facts: Facts) => string)>>;

const labels = ({ kinds: possible = '' }: Facts, lang: Language): string =>
  formatChoice(
    possible.split(',').map((kind) => kinds[kind as FileKind].label),
    lang,
  );
const algorithms = Object.keys(checksumAlgorithms).join(', ');

const da: Words = {
  'not-found': ({ what }) =>
    what === 'task'
      ? 'Opgaven findes ikke, eller også har du ikke adgang til den. Find den på listen over dine opgaver.'
      : 'Den fil, du er ved at sende, findes ikke længere. Vælg filen igen.',
  'not-allowed': 'Du kan ikke sende filer, for du er ikke tilknyttet en leverandør. Spørg den, der styrer brugerne hos jer.',
  'not-logged-in': 'Du er logget ud. Log ind igen, så fortsætter filen, hvor den slap.',
  'cross-site': 'Filen blev sendt fra et andet websted og er ikke modtaget. Åbn opgaven her på siden, og vælg filen igen.',
  'method-not-allowed': 'Adressen kan ikke bruges på den måde.',
  'wrong-version': 'Programmet skal følge tus 1.0.0 og sende Tus-Resumable: 1.0.0.',
  'wrong-content-type': 'Indholdet skal sendes som application/offset+octet-stream.',
  'bad-length': 'Upload-Length mangler eller er ikke et helt tal.',
  'length-deferred': 'Filens størrelse skal oplyses, før filen sendes. Send Upload-Length i stedet for Upload-Defer-Length.',
  'bad-offset': 'Upload-Offset mangler eller er ikke et helt tal.',
  'bad-metadata': 'Upload-Metadata kan ikke læses.',
  'bad-checksum': `Upload-Checksum kan ikke læses. Skriv en af disse og summen i Base64: ${algorithms}.`,
  'name-missing': 'Filens navn mangler. Send det som filename i Upload-Metadata.',
  'supplier-missing': 'Du er tilknyttet flere leverandører. Vælg, hvilken af dem filen hører til.',
  'takes-no-files': 'Til denne opgave skal du ikke sende filer.',
  'not-open-yet': 'Opgaven er ikke åben endnu. Du kan sende filer, når den åbner.',
  'already-filed': 'Opgaven er allerede indsendt. Filen er ikke kommet med.',
  'file-empty': 'Filen er tom (0 byte). Åbn den på din computer, og se, om den har indhold. Vælg den så igen.',
  'file-too-large': ({ bytes }) => `Filen er for stor. Den må højst fylde ${formatBytes(Number(bytes), 'da')}. Del den op, eller gem den i et mindre format.`,
  'file-wrong-kind': (facts) => `Filtypen kan ikke bruges her. Du kan sende ${labels(facts, 'da')}.`,
  'file-wrong-content': 'Filens indhold passer ikke til dens navn. Gem den igen fra det program, den er lavet i.',
  'file-wrong-checksum': 'Filen blev ændret på vejen og er ikke gemt. Vælg den igen. Sker det flere gange, så prøv et andet netværk.',
  'bytes-lost': 'Det, vi havde modtaget af filen, er gået tabt hos os. Vælg filen igen.',
  'too-many-open': 'I har for mange filer på vej. Vent, til nogle af dem er modtaget, og prøv igen.',
  'too-many-bytes': 'De filer, I har på vej, fylder for meget til sammen. Vent, til nogle af dem er modtaget, og prøv igen.',
  'too-much-in-a-day': 'I har sendt så meget i det seneste døgn, at vi ikke kan tage imod mere nu. Prøv igen senere.',
  'too-many-at-once': 'Du sender for mange filer på samme tid. Vent, til nogle af dem er modtaget, og prøv igen.',
  expired: 'Der er gået for lang tid. Det, vi havde modtaget af filen, er slettet. Vælg filen igen.',
  'wrong-offset': 'Vi har modtaget en anden del af filen, end du fortsætter fra. Spørg, hvor langt vi er nået, og fortsæt derfra.',
  locked: 'Filen er allerede ved at blive sendt, måske fra en anden fane. Vent et øjeblik, og prøv igen.',
  'wrong-checksum': 'En del af filen blev ændret på vejen og tæller ikke med. Send den igen.',
  'longer-than-declared': 'Der kom mere, end filen skulle fylde. Vælg den igen.',
  'already-received': 'Filen er modtaget. Fjern den fra kladden, hvis den ikke skal med.',
  'disk-full': 'Vi har ikke plads til filen lige nu. Det, vi har modtaget af den, er gemt. Prøv igen om et øjeblik.',
  'disk-failed': 'Vi kan ikke gemme filen lige nu. Det, vi har modtaget af den, er gemt. Prøv igen om et øjeblik.',
  'database-away': 'Siden kan ikke tage imod filer lige nu. Prøv igen om et øjeblik.',
  failed: ({ id }) => `Der skete en fejl hos os. Prøv igen. Sker det flere gange, så skriv til os, og oplys nummeret ${id}.`,
};

const en: Words = {
  'not-found': ({ what }) =>
    what === 'task'
      ? 'The task does not exist, or you have no access to it. Find it in the list of your tasks.'
      : 'The file that you are sending does not exist any longer. Choose the file again.',
  'not-allowed': 'You cannot send files, since you belong to no supplier. Ask the person who manages users in your organisation.',
  'not-logged-in': 'You are logged out. Log in again, and the file goes on where it stopped.',
  'cross-site': 'The file was sent from another site and has not been received. Open the task on this site, and choose the file again.',
  'method-not-allowed': 'The address cannot be used in that way.',
  'wrong-version': 'The program must follow tus 1.0.0 and send Tus-Resumable: 1.0.0.',
  'wrong-content-type': 'The content must be sent as application/offset+octet-stream.',
  'bad-length': 'Upload-Length is missing or not a whole number.',
  'length-deferred': 'The size of the file must be told before it is sent. Send Upload-Length instead of Upload-Defer-Length.',
  'bad-offset': 'Upload-Offset is missing or not a whole number.',
  'bad-metadata': 'Upload-Metadata cannot be read.',
  'bad-checksum': `Upload-Checksum cannot be read. Write one of these and the sum in Base64: ${algorithms}.`,
  'name-missing': 'The name of the file is missing. Send it as filename in Upload-Metadata.',
  'supplier-missing': 'You belong to several suppliers. Choose which of them the file is for.',
  'takes-no-files': 'No files are to be sent for this task.',
  'not-open-yet': 'This task is not open yet. You can send files when it opens.',
  'already-filed': 'This task has already been filed. The file was not included.',
  'file-empty': 'The file is empty (0 bytes). Open it on your computer to see whether it has content. Then choose it again.',
  'file-too-large': ({ bytes }) => `The file is too large. It can be at most ${formatBytes(Number(bytes), 'en')}. Split it, or save it in a smaller format.`,
  'file-wrong-kind': (facts) => `This type of file cannot be used here. You can send ${labels(facts, 'en')}.`,
  'file-wrong-content': 'The content of the file does not match its name. Save it again from the program it was made in.',
  'file-wrong-checksum': 'The file was changed on its way and has not been kept. Choose it again. If that happens more than once, try another network.',
  'bytes-lost': 'What we had received of the file has been lost on our side. Choose the file again.',
  'too-many-open': 'Your company has too many files on their way. Wait until some of them have been received, and try again.',
  'too-many-bytes': 'The files that your company has on their way are too large together. Wait until some of them have been received, and try again.',
  'too-much-in-a-day': 'Your company has sent so much in the last 24 hours that we cannot take more now. Try again later.',
  'too-many-at-once': 'You are sending too many files at the same time. Wait until some of them have been received, and try again.',
  expired: 'Too much time has passed. What we had received of the file has been deleted. Choose the file again.',
  'wrong-offset': 'We have received another part of the file than the one you go on from. Ask how far we are, and go on from there.',
  locked: 'The file is already being sent, perhaps from another tab. Wait a moment, and try again.',
  'wrong-checksum': 'Part of the file was changed on its way and does not count. Send it again.',
  'longer-than-declared': 'There came more than the size of the file. Choose it again.',
  'already-received': 'The file has been received. Remove it from the draft if it should not be included.',
  'disk-full': 'We have no room for the file right now. What we have received of it is kept. Try again in a moment.',
  'disk-failed': 'We cannot keep the file right now. What we have received of it is kept. Try again in a moment.',
  'database-away': 'The site cannot take files right now. Try again in a moment.',
  failed: ({ id }) => `Something went wrong on our side. Try again. If that happens more than once, write to us and give the number ${id}.`,
};

const states: { readonly [lang in Language]: Readonly<Record<Exclude<UploadState, 'given-up'>, string>> } = {
  da: {
    receiving: 'Filen er på vej.',
    checking: 'Filen er modtaget og bliver kontrolleret.',
    accepted: 'Filen er modtaget.',
    refused: 'Filen er kontrolleret og kan ikke bruges. Send en anden.',
    held: 'En medarbejder ser på filen, før den kan åbnes.',
  },
  en: {
    receiving: 'The file is on its way.',
    checking: 'The file has been received and is being checked.',
    accepted: 'The file has been received.',
    refused: 'The file has been checked and cannot be used. Send another one.',
    held: 'A member of staff looks at the file before it can be opened.',
  },
};

/** What is in the way, and what to do, in a sentence or two. */
export function wordsFor(problem: UploadProblem, facts: Facts, lang: Language): string {
  const words = { da, en }[lang][problem];
  return typeof words === 'string' ? words : words(facts);
}

/** How far a file is, and why it was given up, refused or held, or still waits, in the words that its page has for it. */
export function wordsForState(state: UploadState, reason: string | null, lang: Language): string {
  return state === 'given-up' ? wordsFor(reason as UploadProblem, {}, lang) : reasonText(lang, reason) || states[lang][state];
}
