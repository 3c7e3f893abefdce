import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type AgreementContent, type AgreementInput, agreementContentSchema, canonical } from '../content.ts';
import { cvrFits } from '../cvr.ts';
import { readAmount, readCpv, readCvr, readDay } from '../import/values.ts';

/** What was typed in the form, field by field. Lists are written one entry per line, the parts of an entry between semicolons. */
export type Typed = Readonly<Record<string, string>>;

export const formFaults = [
  'required',
  'number-wrong',
  'date-wrong',
  'ends-before-start',
  'amount-wrong',
  'amount-unsure',
  'cpv-wrong',
  'supplier-line',
  'cvr-wrong',
  'cvr-check',
  'supplier-twice',
  'option-line',
  'option-before-end',
  'lot-line',
  'lot-supplier-unknown',
  'notice-line',
  'document-line',
  'change-line',
  'email-wrong',
  'url-wrong',
  'not-usable',
] as const;
export type FormFault = (typeof formFaults)[number];

/** Tells whether anything was changed in a form: the same for the same content. */
export function fingerprint(content: AgreementContent): string {
  return createHash('sha256').update(canonical(content)).digest('base64url');
}

/** The form of an agreement, as it stands in the fields. */
export function typedFrom(content: AgreementContent): Typed {
  const lines = (rows: readonly (readonly string[])[]): string => rows.map((parts) => parts.join('; ')).join('\n');
  const both = (name: string, { da, en }: { da: string; en: string }) => ({ [`${name}Da`]: da, [`${name}En`]: en });
  return {
    number: content.number,
    ...both('title', content.title),
    ...both('summary', content.summary),
    ...both('coverage', content.coverage),
    ...both('ordering', content.ordering),
    ...both('notCovered', content.notCovered),
    ...both('contactTeam', content.contactTeam),
    kind: content.kind,
    kindOfContract: content.kindOfContract,
    procedure: content.procedure,
    startsOn: content.startsOn,
    endsOn: content.endsOn,
    value: content.valueOre === null ? '' : (content.valueOre / 100).toFixed(2).replace('.', ','),
    valueBand: content.valueBand ?? '',
    cpv: [...new Set([...(content.cpvMain ? [content.cpvMain] : []), ...content.cpv])].join(', '),
    nuts: content.nuts ?? '',
    mandatory: String(content.mandatory),
    contactEmail: content.contactEmail ?? '',
    priceListUrl: content.priceListUrl ?? '',
    predecessor: content.predecessor ?? '',
    requirements: content.requirements.join('\n'),
    suppliers: lines(content.suppliers.map(({ cvr, name, town, consortium }) => [cvr, name, town, ...(consortium ? [consortium] : [])])),
    options: lines(content.options.map(({ extendsTo, noticeBy, used }) => [extendsTo, noticeBy, used ? 'brugt' : ''])),
    lots: lines(content.lots.map(({ number, title, suppliers }) => [number, title.da, suppliers.join(', ')])),
    notices: lines(content.notices.map(({ system, reference, url }) => [system, reference, url ?? ''])),
    documents: lines(
      content.documents.map((document) =>
        'url' in document ? [document.title.da, document.url] : [document.title.da, document.withheld.ground, document.withheld.reason.da, document.withheld.reviewOn],
      ),
    ),
    changes: lines(content.changes.map(({ on, ground, text }) => [on, ground, text.da])),
  };
}

/**
 * Reads the form. Faults are named by field; with faults there is no content. The lines of lists are Danish only: English
 * words that an entry has in `base` stay with it as long as its Danish words do.
 */
export function readTyped(
  typed: Typed,
  base: AgreementContent | null,
): { readonly content: AgreementContent | null; readonly faults: readonly { readonly field: string; readonly code: FormFault }[] } {
  const faults: { field: string; code: FormFault }[] = [];
  const wrong = (field: string, code: FormFault): null => {
    faults.push({ field, code });
    return null;
  };
  // Browsers send each line's end as two characters.
  const text = (field: string): string => (typed[field] ?? '').replaceAll('\r\n', '\n').trim();
  const both = (name: string) => ({ da: text(`${name}Da`), en: text(`${name}En`) });
  const lines = (field: string): string[][] =>
    text(field)
      .split('\n')
      .map((line) => line.split(';').map((part) => part.trim()))
      .filter((parts) => parts.some(Boolean));
  const day = (field: string): string => (text(field) === '' ? (wrong(field, 'required') ?? '') : (readDay(text(field)) ?? wrong(field, 'date-wrong') ?? ''));
  const all = <T>(field: string, code: FormFault, read: (parts: string[]) => T | null): T[] => {
    const rows = lines(field).map(read);
    if (rows.includes(null)) wrong(field, code);
    return rows.filter((row) => row !== null);
  };
  for (const field of ['number', 'titleDa', 'suppliers']) if (text(field) === '') wrong(field, 'required');

  const cpv = text('cpv') === '' ? [] : (readCpv(text('cpv')) ?? wrong('cpv', 'cpv-wrong') ?? []);
  const amount = text('value') === '' ? null : readAmount(text('value'));
  if (amount === 'unsure') wrong('value', 'amount-unsure');
  else if (text('value') !== '' && amount === null) wrong('value', 'amount-wrong');
  if (text('contactEmail') && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text('contactEmail'))) wrong('contactEmail', 'email-wrong');
  if (text('priceListUrl') && !/^https?:\/\/\S+$/.test(text('priceListUrl'))) wrong('priceListUrl', 'url-wrong');

  const draft = {
    number: text('number'),
    kind: text('kind'),
    kindOfContract: text('kindOfContract'),
    title: both('title'),
    summary: both('summary'),
    cpvMain: cpv[0] ?? null,
    cpv,
    nuts: text('nuts') || null,
    startsOn: day('startsOn'),
    endsOn: day('endsOn'),
    options: all('options', 'option-line', ([to = '', by = '', used = '']) => {
      const [extendsTo, noticeBy] = [readDay(to), readDay(by)];
      return extendsTo && noticeBy ? { extendsTo, noticeBy, used: /^(brugt|used|ja|yes)$/i.test(used) } : null;
    }),
    procedure: text('procedure'),
    valueOre: typeof amount === 'number' ? amount : null,
    valueBand: text('valueBand') || null,
    mandatory: text('mandatory') === 'true',
    coverage: both('coverage'),
    ordering: both('ordering'),
    notCovered: both('notCovered'),
    priceListUrl: text('priceListUrl') || null,
    contactTeam: both('contactTeam'),
    contactEmail: text('contactEmail') || null,
    suppliers: all('suppliers', 'supplier-line', ([cvr = '', name = '', town = '', consortium = '']) => {
      const digits = readCvr(cvr);
      if (digits && !cvrFits(digits) && text('acceptCvr') !== 'true') wrong('suppliers', 'cvr-check');
      return digits && name ? { cvr: digits, name, town, consortium } : null;
    }),
    lots: all('lots', 'lot-line', ([number = '', title = '', suppliers = '']) =>
      number && title
        ? { number, title: { da: title, en: base?.lots.find((lot) => lot.title.da === title)?.title.en ?? '' }, suppliers: suppliers.split(/[\s,]+/).filter(Boolean) }
        : null,
    ),
    requirements: text('requirements').split('\n').filter(Boolean),
    predecessor: text('predecessor') || null,
    notices: all('notices', 'notice-line', ([system = '', reference = '', url = '']) =>
      ['ted', 'udbud.dk', 'other'].includes(system) && reference ? { system: system as 'ted', reference, url: url || null } : null,
    ),
    documents: all('documents', 'document-line', ([title = '', second = '', reason = '', review = '']) => {
      if (!title) return null;
      const known = base?.documents.find((document) => document.title.da === title);
      const titled = { da: title, en: known?.title.en ?? '' };
      if (/^https?:\/\/\S+$/.test(second)) return { title: titled, url: second };
      const reviewOn = readDay(review);
      return second && reason && reviewOn
        ? {
            title: titled,
            withheld: { ground: second, reason: { da: reason, en: known && 'withheld' in known && known.withheld.reason.da === reason ? known.withheld.reason.en : '' }, reviewOn },
          }
        : null;
    }),
    changes: all('changes', 'change-line', ([on = '', ground = '', ...rest]) => {
      const changedOn = readDay(on);
      return changedOn && ground && rest.length > 0
        ? { on: changedOn, ground, text: { da: rest.join('; '), en: base?.changes.find((change) => change.text.da === rest.join('; '))?.text.en ?? '' } }
        : null;
    }),
  };
  if (faults.length > 0) return { content: null, faults };
  const parsed = agreementContentSchema.safeParse(draft as AgreementInput);
  if (parsed.success) return { content: parsed.data, faults };
  for (const issue of parsed.error.issues) wrong(fieldOf(issue), codeOf(issue));
  return { content: null, faults };
}

function fieldOf(issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0] ?? 'number');
  return name === 'title' ? 'titleDa' : name === 'valueOre' ? 'value' : name === 'cpvMain' ? 'cpv' : name;
}

function codeOf(issue: z.core.$ZodIssue): FormFault {
  if ((formFaults as readonly string[]).includes(issue.message)) return issue.message as FormFault;
  if (issue.path[0] === 'number') return 'number-wrong';
  return issue.path[0] === 'lots' ? 'lot-line' : 'not-usable';
}
