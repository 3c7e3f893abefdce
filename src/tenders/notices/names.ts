import { fieldNames } from '../eforms/messages.ts';

/** What a field is called that is kept back; its number where it has no name of ours. */
export function noticeNames(field: string | undefined): { da: string; en: string } {
  const known = field ? fieldNames[field] : undefined;
  return known ? { da: known.da, en: known.en } : { da: field ?? 'Oplysninger i bekendtgørelsen', en: field ?? 'Information in the notice' };
}
