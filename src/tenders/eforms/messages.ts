/** Something in the way of reading a notice. The words for it are `faultText`'s. */
export interface NoticeFault {
  readonly code: FaultCode;
  /** The number of the field, such as 'BT-701'. */
  readonly field?: string;
  readonly name?: { readonly da: string; readonly en: string };
  /** Such as /ContractNotice/cac:ProcurementProjectLot[2]/cbc:ID */
  readonly path?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** What stands there. */
  readonly found?: string;
}

export type FaultCode = keyof typeof da;

const da = {
  empty: 'Filen er tom. Hent bekendtgørelsen igen som XML.',
  'too-large': 'Filen fylder for meget ({found}). En bekendtgørelse fylder højst 20 MB.',
  compressed: 'Filen er pakket ({found}). Pak den ud, og brug XML-filen i den.',
  pdf: 'Filen er en PDF. Hent bekendtgørelsen som XML i stedet.',
  html: 'Filen er en webside. Hent bekendtgørelsen som XML i stedet.',
  'not-xml': 'Filen er ikke XML. Den begynder med »{found}«. Hent bekendtgørelsen igen som XML.',
  'encoding-unsupported': 'Filens tegnsæt, {found}, kan ikke læses. Gem den som UTF-8.',
  'encoding-mismatch': 'Filens tegn passer ikke med det tegnsæt, den siger, den er skrevet i ({found}). Hent bekendtgørelsen igen, eller gem den som UTF-8.',
  'control-character': 'Filen indeholder et tegn, der ikke må stå i XML ({found}). Hent bekendtgørelsen igen.',
  doctype: 'Filen har en DOCTYPE. Den hører ikke til i en bekendtgørelse, så filen bliver ikke læst. Fjern den.',
  'too-deep': 'Filen har for mange elementer inden i hinanden til at være en bekendtgørelse.',
  'too-many-elements': 'Filen har for mange elementer til at være en bekendtgørelse.',
  'unknown-prefix': 'Præfikset »{found}« er ikke erklæret i filen. Tilføj erklæringen (xmlns:{found}), eller hent bekendtgørelsen igen.',
  'cut-off': 'Filen er ikke hel. Den hører op, før den er slut. Hent bekendtgørelsen igen.',
  'broken-xml': 'Filen er ikke gyldig XML ({found}). Hent bekendtgørelsen igen.',
  'wrong-root': 'Filen er XML, men ikke en bekendtgørelse i eForms. Den begynder med »{found}«.',
  'registration-notice': 'Det er en meddelelse om registrering af en virksomhed (X01 eller X02). Den handler ikke om et udbud og kan ikke bruges her.',
  'sdk-too-old': 'Bekendtgørelsen er skrevet efter eForms SDK {found}. Vi læser 1.10 og nyere. Hent den igen i en nyere udgave.',
  'subtype-unknown': 'Undertypen »{found}« findes ikke. Det skal være 1 til 40, CEI, E1 til E6, T01 eller T02.',
  'type-conflict': 'Bekendtgørelsens undertype passer ikke med det øvrige ({found}). Ret typen i udbudssystemet.',
  missing: '{field} mangler. Udfyld feltet i udbudssystemet, og hent bekendtgørelsen igen.',
  'format-wrong': '{field} er ikke skrevet rigtigt. Der står »{found}«.',
  'date-wrong': '{field}: »{found}« er ikke en dato, der findes. Skriv den som 2027-03-31.',
  'time-wrong': '{field}: »{found}« er ikke et klokkeslæt. Skriv det som 12:00:00+02:00.',
  'amount-wrong': '{field}: »{found}« er ikke et beløb med valuta. Skriv det som 1500000.50 med valutaen DKK.',
  'deadline-before-dispatch': '{field}, {found}, ligger før den dag, bekendtgørelsen er sendt. Ret en af de to datoer.',
  'reference-unknown': '{field} henviser til »{found}«, som ikke findes i bekendtgørelsen. Ret henvisningen.',
  twice: '{field} »{found}« står to gange. Hver skal have sin egen.',
};
const en: typeof da = {
  empty: 'The file is empty. Fetch the notice again as XML.',
  'too-large': 'The file is too large ({found}). A notice is at most 20 MB.',
  compressed: 'The file is packed ({found}). Unpack it and use the XML file inside.',
  pdf: 'The file is a PDF. Fetch the notice as XML instead.',
  html: 'The file is a web page. Fetch the notice as XML instead.',
  'not-xml': 'The file is not XML. It begins with “{found}”. Fetch the notice again as XML.',
  'encoding-unsupported': 'The character set of the file, {found}, cannot be read. Save it as UTF-8.',
  'encoding-mismatch': 'The characters of the file do not fit the character set that it says it is written in ({found}). Fetch the notice again, or save it as UTF-8.',
  'control-character': 'The file holds a character that XML does not allow ({found}). Fetch the notice again.',
  doctype: 'The file has a DOCTYPE. It does not belong in a notice, so the file is not read. Remove it.',
  'too-deep': 'The file has too many elements within one another to be a notice.',
  'too-many-elements': 'The file has too many elements to be a notice.',
  'unknown-prefix': 'The prefix “{found}” is not declared in the file. Add the declaration (xmlns:{found}), or fetch the notice again.',
  'cut-off': 'The file is not whole. It stops before its end. Fetch the notice again.',
  'broken-xml': 'The file is not valid XML ({found}). Fetch the notice again.',
  'wrong-root': 'The file is XML but not an eForms notice. It begins with “{found}”.',
  'registration-notice': 'This is a notice of a company’s registration (X01 or X02). It is not about a procurement and cannot be used here.',
  'sdk-too-old': 'The notice is written to eForms SDK {found}. We read 1.10 and later. Fetch it again in a later edition.',
  'subtype-unknown': 'There is no subtype “{found}”. It must be 1 to 40, CEI, E1 to E6, T01 or T02.',
  'type-conflict': 'The subtype of the notice does not fit the rest of it ({found}). Correct the type in the tendering system.',
  missing: '{field} is missing. Fill in the field in the tendering system and fetch the notice again.',
  'format-wrong': '{field} is not written correctly. It says “{found}”.',
  'date-wrong': '{field}: “{found}” is not a date that exists. Write it like 2027-03-31.',
  'time-wrong': '{field}: “{found}” is not a time of day. Write it like 12:00:00+02:00.',
  'amount-wrong': '{field}: “{found}” is not an amount with a currency. Write it like 1500000.50 with the currency DKK.',
  'deadline-before-dispatch': '{field}, {found}, is before the day on which the notice was sent. Correct one of the two dates.',
  'reference-unknown': '{field} refers to “{found}”, which is not in the notice. Correct the reference.',
  twice: '{field} “{found}” is there twice. Each must have its own.',
};

/** What each field is called when a fault names it. */
export const fieldNames: Readonly<Record<string, { readonly da: string; readonly en: string }>> = {
  'BT-01': { da: 'Retsgrundlag', en: 'Legal basis' },
  'BT-02': { da: 'Bekendtgørelsens type', en: 'Type of notice' },
  'BT-03': { da: 'Formularens type', en: 'Type of form' },
  'BT-04': { da: 'Procedurens id', en: 'Procedure id' },
  'BT-05': { da: 'Dato og klokkeslæt for afsendelse', en: 'Date and time of dispatch' },
  'BT-13': { da: 'Frist for spørgsmål', en: 'Deadline for questions' },
  'BT-21': { da: 'Titel', en: 'Title' },
  'BT-23': { da: 'Kontraktens art', en: 'Nature of the contract' },
  'BT-24': { da: 'Beskrivelse', en: 'Description' },
  'BT-27': { da: 'Anslået værdi', en: 'Estimated value' },
  'BT-118': { da: 'Rammeaftalernes samlede maksimum', en: 'Maximum of all frameworks' },
  'BT-127': { da: 'Forventet dato for udbuddet', en: 'Expected date of the tender' },
  'BT-130': { da: 'Dato for opfordringer', en: 'Date of invitations' },
  'BT-131': { da: 'Frist for tilbud', en: 'Deadline for tenders' },
  'BT-132': { da: 'Åbning af tilbud', en: 'Opening of tenders' },
  'BT-137': { da: 'Delaftalens id', en: 'Lot id' },
  'BT-142': { da: 'Om der er valgt en vinder', en: 'Whether a winner was chosen' },
  'BT-145': { da: 'Dato for kontraktens indgåelse', en: 'Date of the contract' },
  'BT-161': { da: 'Samlet værdi af kontrakterne', en: 'Value of all contracts' },
  'BT-198': { da: 'Dato for senere offentliggørelse', en: 'Date of later publication' },
  'BT-262': { da: 'CPV-kode', en: 'CPV code' },
  'BT-271': { da: 'Rammeaftalens maksimum', en: 'Maximum of the framework' },
  'BT-500': { da: 'Køberens navn', en: 'Name of the buyer' },
  'BT-536': { da: 'Startdato', en: 'Start date' },
  'BT-537': { da: 'Slutdato', en: 'End date' },
  'BT-701': { da: 'Bekendtgørelsens id', en: 'Notice id' },
  'BT-702': { da: 'Bekendtgørelsens sprog', en: 'Language of the notice' },
  'BT-709': { da: 'Rammeaftalens maksimum i resultatet', en: 'Maximum of the framework in the result' },
  'BT-720': { da: 'Tilbuddets værdi', en: 'Value of the tender' },
  'BT-757': { da: 'Bekendtgørelsens version', en: 'Notice version' },
  'BT-758': { da: 'Den ændrede bekendtgørelse', en: 'The changed notice' },
  'BT-1311': { da: 'Frist for ansøgning om deltagelse', en: 'Deadline for requests to participate' },
  'BT-1451': { da: 'Dato for valg af vinder', en: 'Date on which the winner was chosen' },
  'BT-3202': { da: 'Kontraktens tilbud', en: 'The tender of the contract' },
  'BT-13713': { da: 'Resultatets delaftale', en: 'The lot of the result' },
  'BT-13714': { da: 'Tilbuddets delaftale', en: 'The lot of the tender' },
  'OPP-012': { da: 'Dato for offentliggørelse', en: 'Date of publication' },
  'OPP-070': { da: 'Bekendtgørelsens undertype', en: 'Subtype of the notice' },
  'OPT-002': { da: 'Udgave af eForms', en: 'Edition of eForms' },
  'OPT-300': { da: 'Organisationen', en: 'The organisation' },
  'OPT-310': { da: 'Hvem der gav tilbuddet', en: 'Who made the tender' },
  'OPT-315': { da: 'Resultatets kontrakt', en: 'The contract of the result' },
  'OPT-320': { da: 'Resultatets tilbud', en: 'The tender of the result' },
};

const words = { da, en };
const where = {
  da: (path: string | undefined, line: number | undefined): string => [path && `Sted: ${path}`, line && `linje ${line}`].filter(Boolean).join(', '),
  en: (path: string | undefined, line: number | undefined): string => [path && `Where: ${path}`, line && `line ${line}`].filter(Boolean).join(', '),
};

/** What is wrong, where, and how to mend it, in sentences. */
export function faultText(fault: NoticeFault, lang: 'da' | 'en'): string {
  const name = (fault.name ?? fieldNames[fault.field ?? ''])?.[lang];
  const field = name ? `${name} (${fault.field})` : (fault.field ?? '');
  const parts: Readonly<Record<string, string>> = { field, found: fault.found ?? '' };
  const sentence = words[lang][fault.code].replaceAll(/\{(\w+)\}/g, (_, part: string) => parts[part] ?? '');
  const place = where[lang](fault.path, fault.line);
  return place ? `${sentence} ${place[0]?.toUpperCase()}${place.slice(1)}.` : sentence;
}
