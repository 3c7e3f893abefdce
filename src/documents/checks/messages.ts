import type { Language } from '../../i18n/language.ts';
import type { HeldReason, Reason, RefusedReason, WaitingReason } from './finding.ts';

/** What was wrong, and what to do. Read by the supplier, in mails too, and by staff. */
const refused: { da: Record<RefusedReason, string>; en: Record<RefusedReason, string> } = {
  da: {
    'not-the-kind': 'Indholdet passer ikke til filens navn. Åbn filen i det program, den er lavet i, gem den igen, og send den nye fil.',
    unreadable: 'Filen er ødelagt og kan ikke læses. Åbn den på din computer, gem den igen, og send den nye fil.',
    password: 'Filen er låst med en adgangskode. Gem den uden adgangskode, og send den igen.',
    'hidden-content': 'Filen indeholder skjult indhold. Gem den som en ny fil fra det program, den er lavet i, og send den nye fil.',
    'too-heavy': 'Filen er lille, men kræver så meget af det program, der læser den, at den kan gøre skade. Gem den som en ny PDF, og send den nye fil.',
    'pdf-script': 'PDF-filen indeholder et program (JavaScript). Vælg Udskriv og så Gem som PDF, og send den nye fil.',
    'pdf-action': 'PDF-filen kan starte noget eller sende noget videre. Vælg Udskriv og så Gem som PDF, og send den nye fil.',
    'pdf-attachment': 'PDF-filen har andre filer vedhæftet. Send dem hver for sig, og gem PDF-filen uden dem.',
    'pdf-form': 'PDF-filen er en udfyldelig formular af en type, vi ikke kan kontrollere (XFA). Vælg Udskriv og så Gem som PDF, og send den nye fil.',
    'pdf-media': 'PDF-filen indeholder film, lyd eller 3D. Vælg Udskriv og så Gem som PDF, og send den nye fil.',
    'zip-too-large': 'Filen fylder alt for meget, når den pakkes ud. Del den op, eller gem den som PDF, og send den igen.',
    'zip-too-many-parts': 'Filen består af alt for mange dele. Del den op, eller gem den som PDF, og send den igen.',
    'zip-nested': 'Filen har en pakket fil (zip) i sig. Tag den ud, og send den igen.',
    'zip-outside': 'Filen er opbygget, så den kan overskrive andre filer. Gem den igen fra Word eller Excel, og send den nye fil.',
    'zip-link': 'Filen peger på andre filer på computeren. Gem den igen fra Word eller Excel, og send den nye fil.',
    'zip-twice': 'Filen har to dele med samme navn. Gem den igen fra Word eller Excel, og send den nye fil.',
    'zip-overlap': 'Filens dele ligger oven i hinanden. Gem den igen fra Word eller Excel, og send den nye fil.',
    'zip-other-bytes': 'Filens indhold svarer ikke til det, den oplyser om sig selv. Gem den igen fra Word eller Excel, og send den nye fil.',
    'zip-incomplete': 'Filen mangler noget, som alle Word- og Excel-filer har. Gem den igen som .docx eller .xlsx, og send den nye fil.',
    'xml-entities': 'Filen indeholder kode, der ikke hører hjemme i et dokument. Gem den igen fra Word eller Excel, og send den nye fil.',
    macros: 'Filen indeholder makroer. Gem den som .docx eller .xlsx uden makroer eller som PDF, og send den igen.',
    'external-content': 'Filen henter indhold andre steder fra. Bryd kæderne (i Excel: Data, Rediger kæder), eller gem den som PDF, og send den igen.',
    'embedded-object': 'Filen har andre filer eller programmer lagt ind i sig. Gem den som PDF, og send den nye fil.',
    'picture-too-large': 'Billedet har over 100 millioner billedpunkter. Gør det mindre, og send det igen.',
    'record-certificate': 'Filen ser ud til at være en børneattest eller straffeattest. Den må du aldrig sende til os. Send kun en erklæring om, at attesten er indhentet.',
    malware: 'Der er fundet virus i filen. Send den ikke igen. Kontrollér din computer, og send en ny, ren fil.',
    'refused-by-staff': 'En medarbejder i kommunen har set på filen og afvist den. Gem den som en ny PDF, og send den igen, eller skriv til os.',
  },
  en: {
    'not-the-kind': 'The content does not match the name of the file. Open the file in the program it was made in, save it again, and send the new file.',
    unreadable: 'The file is broken and cannot be read. Open it on your computer, save it again, and send the new file.',
    password: 'The file is locked with a password. Save it without a password, and send it again.',
    'hidden-content': 'The file has hidden content. Save it as a new file from the program it was made in, and send the new file.',
    'too-heavy': 'The file is small but demands so much of the program that reads it that it can do harm. Save it as a new PDF, and send the new file.',
    'pdf-script': 'The PDF contains a program (JavaScript). Choose Print and then Save as PDF, and send the new file.',
    'pdf-action': 'The PDF can start something or send something on. Choose Print and then Save as PDF, and send the new file.',
    'pdf-attachment': 'The PDF has other files attached. Send them one by one, and save the PDF without them.',
    'pdf-form': 'The PDF is a form of a type that we cannot check (XFA). Choose Print and then Save as PDF, and send the new file.',
    'pdf-media': 'The PDF contains film, sound or 3D. Choose Print and then Save as PDF, and send the new file.',
    'zip-too-large': 'The file takes up far too much space when it is unpacked. Split it, or save it as a PDF, and send it again.',
    'zip-too-many-parts': 'The file consists of far too many parts. Split it, or save it as a PDF, and send it again.',
    'zip-nested': 'The file has a packed file (zip) inside it. Take it out, and send the file again.',
    'zip-outside': 'The file is built so that it can overwrite other files. Save it again from Word or Excel, and send the new file.',
    'zip-link': 'The file points to other files on the computer. Save it again from Word or Excel, and send the new file.',
    'zip-twice': 'The file has two parts of the same name. Save it again from Word or Excel, and send the new file.',
    'zip-overlap': 'The parts of the file lie on top of each other. Save it again from Word or Excel, and send the new file.',
    'zip-other-bytes': 'The content of the file is not what the file says about itself. Save it again from Word or Excel, and send the new file.',
    'zip-incomplete': 'The file lacks something that every Word and Excel file has. Save it again as .docx or .xlsx, and send the new file.',
    'xml-entities': 'The file contains code that does not belong in a document. Save it again from Word or Excel, and send the new file.',
    macros: 'The file contains macros. Save it as .docx or .xlsx without macros, or as a PDF, and send it again.',
    'external-content': 'The file fetches content from elsewhere. Break the links (in Excel: Data, Edit Links), or save it as a PDF, and send it again.',
    'embedded-object': 'The file has other files or programs embedded in it. Save it as a PDF, and send the new file.',
    'picture-too-large': 'The picture has more than 100 million pixels. Make it smaller, and send it again.',
    'record-certificate':
      'The file seems to be a child protection certificate or a criminal record certificate. You must never send us one. Send only a declaration that it was obtained.',
    malware: 'A virus was found in the file. Do not send it again. Check your computer, and send a new, clean file.',
    'refused-by-staff': 'A member of the municipality’s staff has looked at the file and refused it. Save it as a new PDF, and send it again, or write to us.',
  },
};

const held: { da: Record<HeldReason, string>; en: Record<HeldReason, string> } = {
  da: {
    'pdf-damaged': 'PDF-filen er beskadiget, så vi ikke kan kontrollere den. En medarbejder ser på den. Hurtigere: Vælg Udskriv og så Gem som PDF, og send den nye fil.',
    'text-not-read': 'Teksten i filen kan ikke læses, så vi ikke kan kontrollere den. En medarbejder ser på den. Hurtigere: Vælg Udskriv og så Gem som PDF, og send den nye fil.',
    'too-large-to-read': 'Filen er så stor, at vi ikke kan læse teksten i den. En medarbejder ser på den. Hurtigere: Del den op, og send delene.',
    'took-too-long': 'Det tog for lang tid at kontrollere filen. En medarbejder ser på den. Hurtigere: Gem den som en ny, mindre PDF, og send den.',
    'took-too-much-memory': 'Filen er for tung at kontrollere. En medarbejder ser på den. Hurtigere: Gem den som en ny, mindre PDF, og send den.',
    'check-failed': 'Kontrollen af filen gik i stå. En medarbejder ser på den. Hurtigere: Gem den som en ny fil, og send den.',
    'perhaps-record-certificate':
      'Filen kan være en børneattest eller straffeattest. Den må du aldrig sende til os. En medarbejder ser på den. Er det en attest, så fjern filen, og send kun en erklæring.',
  },
  en: {
    'pdf-damaged': 'The PDF is damaged, so we cannot check it. A member of staff looks at it. Quicker: choose Print and then Save as PDF, and send the new file.',
    'text-not-read':
      'The text of the file cannot be read, so we cannot check it. A member of staff looks at it. Quicker: choose Print and then Save as PDF, and send the new file.',
    'too-large-to-read': 'The file is so large that we cannot read its text. A member of staff looks at it. Quicker: split it, and send the parts.',
    'took-too-long': 'Checking the file took too long. A member of staff looks at it. Quicker: save it as a new, smaller PDF, and send that.',
    'took-too-much-memory': 'The file is too heavy to check. A member of staff looks at it. Quicker: save it as a new, smaller PDF, and send that.',
    'check-failed': 'Checking the file came to a halt. A member of staff looks at it. Quicker: save it as a new file, and send that.',
    'perhaps-record-certificate':
      'The file may be a child protection certificate or a criminal record certificate. You must never send us one. A member of staff looks at it. If it is one, remove the file, and send only a declaration.',
  },
};

const waiting: { da: Record<WaitingReason, string>; en: Record<WaitingReason, string> } = {
  da: {
    'scanner-away': 'Virusscanneren svarer ikke. Filen er gemt, og vi prøver igen af os selv.',
    'scanner-slow': 'Virusscanneren er længe om at svare. Filen er gemt, og vi prøver igen af os selv.',
    'scanner-unclear': 'Virusscanneren gav ikke et klart svar. Filen er gemt, og vi prøver igen af os selv.',
    'scanner-limit': 'Filen er større, end virusscanneren tager imod. Filen er gemt, og vi prøver igen af os selv. Del den op, hvis det haster.',
    'not-in-store': 'Filen kan ikke hentes fra lageret lige nu. Vi prøver igen af os selv.',
  },
  en: {
    'scanner-away': 'The virus scanner does not answer. The file is kept, and we try again by ourselves.',
    'scanner-slow': 'The virus scanner is slow to answer. The file is kept, and we try again by ourselves.',
    'scanner-unclear': 'The virus scanner gave no clear answer. The file is kept, and we try again by ourselves.',
    'scanner-limit': 'The file is larger than the virus scanner takes. The file is kept, and we try again by ourselves. Split it if it is urgent.',
    'not-in-store': 'The file cannot be fetched from the store right now. We try again by ourselves.',
  },
};

const words = { da: { ...refused.da, ...held.da, ...waiting.da }, en: { ...refused.en, ...held.en, ...waiting.en } } as const;

/** Why a file may not be opened, or not yet, and what to do, in whole sentences. `reason` is what stored_file holds. */
export function reasonText(lang: Language, reason: string | null): string {
  return words[lang][reason as Reason] ?? '';
}
