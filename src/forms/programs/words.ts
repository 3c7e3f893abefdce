import type { DraftRefusal } from '../../followup/draft.ts';
import { linesKeys } from '../../followup/lines.ts';
import { followupMessages } from '../../followup/messages.ts';
import type { SubmitFault } from '../../followup/submit.ts';
import type { ProblemError } from '../../opendata/lists/schemas.ts';
import type { BodyFault } from '../../returns/programs/body.ts';
import { bodyMessages } from '../../returns/programs/messages.ts';

type Both = readonly [da: string, en: string];

/** Where a page tells its reader what to press, a program is told what to send. */
const forPrograms: Partial<Record<SubmitFault, Both>> = {
  'file-required': [
    'Opgaven kræver en fil, og filer af den slags sendes på opgavens side i portalen. Adressen står i »url«. Send svarene igen, når filen er der.',
    'The task needs a file, and such files are sent on the task’s page in the portal; its address is in “url”. Send the answers again when the file is there.',
  ],
  'lines-required': ['Send »lines«, en fil med linjer eller »nothing«: true.', 'Send “lines”, a file of lines, or “nothing”: true.'],
  'lines-in-one-file': [
    'Der er flere filer med linjer i kladden. Send linjerne igen, så træder de i stedet for alle de andre.',
    'There are several files of lines in the draft. Send the lines again: they take the place of all the others.',
  ],
  'lines-changed': [
    'Det er ikke de linjer, der ligger i kladden nu. Hent kladden, og se tallene efter.',
    'Those are not the lines that lie in the draft now. Fetch the draft and look at the figures.',
  ],
  'lines-being-read': ['Linjerne er ikke læst færdig. Hent kladden om lidt.', 'The lines have not been read to the end. Fetch the draft in a moment.'],
  'lines-and-nothing': ['Der ligger linjer i kladden, så der er noget at indberette.', 'There are lines in the draft, so there is something to report.'],
  'lines-word-required': [
    `Linjerne giver noget helt andet end sidst. Send en forklaring i svaret »${linesKeys.word}«.`,
    `The lines add up to something quite different from last time. Send an explanation in the answer “${linesKeys.word}”.`,
  ],
  'file-refused': [
    'En af filerne i kladden er afvist. På opgavens side i portalen står, hvad der er galt.',
    'One of the files in the draft has been refused. The task’s page in the portal says what is wrong.',
  ],
  'must-confirm': ['Det skal bekræftes med true.', 'It must be confirmed with true.'],
};

/** What is wrong with an answer or with what was to be filed. */
export function faultError({ field, code }: { readonly field: string; readonly code: SubmitFault }): ProblemError {
  const [da, en] = forPrograms[code] ?? [followupMessages.da.faults[code], followupMessages.en.faults[code]];
  return { code, severity: 'error', field, message_da: da, message_en: en };
}

type Refused = Exclude<DraftRefusal, 'not-found'>;

const refusals: Readonly<Record<Refused, Both>> = {
  'not-allowed': ['Nøglen har ikke adgang til det.', 'The key may not do that.'],
  'already-filed': ['Opgaven er indsendt allerede. Det, du sendte nu, er ikke gemt.', 'The task has been filed already. What you sent now was not kept.'],
  'not-open-yet': [
    'Opgaven er ikke åben endnu. Se »opensOn«. Du kan tjekke linjerne med dryRun=true.',
    'The task is not open yet. See “opensOn”. You can check the lines with dryRun=true.',
  ],
  'changed-in-another-tab': [
    'Kladden blev ændret af en anden imens. Send igen, hvis det er dine svar, der skal gælde.',
    'The draft was changed by somebody else meanwhile. Send again if your answers should count.',
  ],
  'returned-meanwhile': [
    'Kommunen har sendt opgaven tilbage imens. Læs, hvad der skal rettes, og send igen.',
    'The municipality returned the task meanwhile. Read what must be corrected and send again.',
  ],
  'file-already-filed': ['Filen er indsendt og kan ikke fjernes.', 'The file has been filed and cannot be removed.'],
  'lines-replaced-meanwhile': [
    'Linjerne i kladden blev skiftet ud af en anden imens. Send igen, hvis det er dine, der skal gælde.',
    'The lines of the draft were replaced by somebody else meanwhile. Send again if yours should count.',
  ],
  'cannot-be-corrected': ['Der er ikke indsendt noget, der kan rettes.', 'Nothing has been filed that can be corrected.'],
  'nothing-changed': ['Det er det samme som det, der sidst er indsendt. Der er ikke indsendt igen.', 'This is the same as what was filed last. It has not been filed again.'],
  'file-gone': ['Filen blev slettet hos os, før den nåede i kladden. Send den igen.', 'The file was deleted on our side before it reached the draft. Send it again.'],
};

/** Why the task cannot be filed now. */
export function refusalError(code: string): ProblemError {
  const [da, en] = refusals[code as Refused] ?? refusals['not-allowed'];
  return { code, severity: 'error', message_da: da, message_en: en };
}

/** What is wrong with the form of what was sent. */
export function bodyError({ code, place }: BodyFault): ProblemError {
  return { code, severity: 'error', ...(place !== '' && { place }), message_da: bodyMessages.da[code], message_en: bodyMessages.en[code] };
}
