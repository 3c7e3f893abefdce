import type { z } from 'zod';
import { danishNuts } from '../codes/lists.ts';
import { type AgreementContent, type AgreementInput, agreementContentSchema } from '../content.ts';
import { cvrFits } from '../cvr.ts';
import { readAmount, readCpv, readCvr, readDay } from '../import/values.ts';
import { type FieldFault, type FormFault, formFaults, type Typed } from './form.ts';

type System = AgreementContent['notices'][number]['system'];
const systems: Readonly<Record<string, System>> = { ted: 'ted', 'udbud.dk': 'udbud.dk', andet: 'other', other: 'other' };
/** What only the register and the table of codes can say of what was typed. */
export interface Known {
  /** Codes of the form that do not exist. */
  readonly unknownCpv: readonly string[];
  /** Whether the register has an agreement of the number that was typed as the one before. */
  readonly hasPredecessor: boolean;
}

const isAddress = (text: string): boolean => /^https?:\/\/\S+$/.test(text);

/**
 * Reads the form. Faults are named by field and line; with faults there is no content. Without `known`, codes and
 * numbers are looked at alone. The lines of lists are Danish only:
 * English words that an entry has in `base` stay with it as long as its Danish words do.
 */
export function readTyped(typed: Typed, base: AgreementContent | null, known: Known | null): { readonly content: AgreementContent | null; readonly faults: readonly FieldFault[] } {
  const faults: FieldFault[] = [];
  const wrong = (field: string, code: FormFault, line?: number): null => {
    if (!faults.some((fault) => fault.field === field && fault.code === code && fault.line === line)) faults.push({ field, code, ...(line && { line }) });
    return null;
  };
  // Browsers send each line's end as two characters.
  const raw = (field: string): string => (typed[field] ?? '').replaceAll('\r\n', '\n');
  const text = (field: string): string => raw(field).trim();
  const both = (name: string) => ({ da: text(`${name}Da`), en: text(`${name}En`) });
  const day = (field: string): string => (text(field) === '' ? (wrong(field, 'required') ?? '') : (readDay(text(field)) ?? wrong(field, 'date-wrong') ?? ''));
  /** The entries of a list that can be read, each with its line. */
  const all = <T>(field: string, code: FormFault, read: (parts: string[], line: number) => T | null): { readonly line: number; readonly entry: T }[] =>
    raw(field)
      .split('\n')
      .flatMap((written, index) => {
        const parts = written.split(';').map((part) => part.trim());
        if (!parts.some(Boolean)) return [];
        const entry = read(parts, index + 1);
        if (entry === null) wrong(field, code, index + 1);
        return entry === null ? [] : [{ line: index + 1, entry }];
      });
  const once = <T>(field: string, code: FormFault, entries: readonly { readonly line: number; readonly entry: T }[], nameOf: (entry: T) => string): void => {
    const seen = new Set<string>();
    for (const { line, entry } of entries) {
      if (seen.has(nameOf(entry))) wrong(field, code, line);
      seen.add(nameOf(entry));
    }
  };

  for (const field of ['number', 'titleDa', 'kind', 'kindOfContract', 'procedure']) if (text(field) === '') wrong(field, 'required');
  const cpv = text('cpv') === '' ? [] : (readCpv(text('cpv')) ?? wrong('cpv', 'cpv-wrong') ?? []);
  for (const found of known?.unknownCpv ?? []) faults.push({ field: 'cpv', code: 'cpv-unknown', found });
  const nuts = text('nuts').toUpperCase();
  if (nuts && !danishNuts.has(nuts)) wrong('nuts', 'nuts-unknown');
  if (text('priceListUrl') && !isAddress(text('priceListUrl'))) wrong('priceListUrl', 'url-wrong');
  if (text('contactEmail') && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text('contactEmail'))) wrong('contactEmail', 'email-wrong');

  const [startsOn, endsOn] = [day('startsOn'), day('endsOn')];
  if (startsOn && endsOn && endsOn < startsOn) wrong('endsOn', 'ends-before-start');
  const options = all('options', 'option-line', ([to = '', by = '', used = '']) => {
    const [extendsTo, noticeBy] = [readDay(to), readDay(by)];
    return extendsTo && noticeBy ? { extendsTo, noticeBy, used: /^(brugt|used|ja|yes)$/i.test(used) } : null;
  });
  for (const { line, entry } of options) if (endsOn && entry.extendsTo <= endsOn) wrong('options', 'option-before-end', line);
  once('options', 'line-twice', options, ({ extendsTo }) => extendsTo);
  const amount = text('value') === '' ? null : readAmount(text('value'));
  if (amount === 'unsure') wrong('value', 'amount-unsure');
  else if (text('value') !== '' && amount === null) wrong('value', 'amount-wrong');
  if (text('predecessor') && text('predecessor') === text('number')) wrong('predecessor', 'predecessor-itself');
  else if (text('predecessor') && known?.hasPredecessor === false) wrong('predecessor', 'predecessor-unknown');

  if (text('suppliers') === '') wrong('suppliers', 'required');
  const suppliers = all('suppliers', 'supplier-line', ([cvr = '', name = '', town = '', consortium = ''], line) => {
    const digits = readCvr(cvr);
    if (digits && !cvrFits(digits) && text('acceptCvr') !== 'true') wrong('suppliers', 'cvr-check', line);
    return digits && name ? { cvr: digits, name, town, consortium } : null;
  });
  once('suppliers', 'supplier-twice', suppliers, ({ cvr }) => cvr);
  const areSuppliersRead = !faults.some(({ field }) => field === 'suppliers');
  const lots = all('lots', 'lot-line', ([number = '', title = '', named = ''], line) => {
    const cvrs = named
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((each) => readCvr(each));
    if (!number || !title || cvrs.includes(null)) return null;
    if (areSuppliersRead && cvrs.some((cvr) => !suppliers.some(({ entry }) => entry.cvr === cvr))) wrong('lots', 'lot-supplier-unknown', line);
    return { number, title: { da: title, en: base?.lots.find((lot) => lot.title.da === title)?.title.en ?? '' }, suppliers: cvrs as string[] };
  });
  once('lots', 'line-twice', lots, ({ number }) => number);
  const notices = all('notices', 'notice-line', ([name = '', reference = '', url = '']) => {
    const system = systems[name.toLowerCase()];
    return system && reference && (url === '' || isAddress(url)) ? { system, reference, url: url || null } : null;
  });
  once('notices', 'line-twice', notices, ({ system, reference }) => `${system} ${reference}`);
  const documents = all('documents', 'document-line', ([title = '', second = '', reason = '', review = '']) => {
    if (!title) return null;
    const known = base?.documents.find((document) => document.title.da === title);
    const titled = { da: title, en: known?.title.en ?? '' };
    if (isAddress(second)) return { title: titled, url: second };
    const reviewOn = readDay(review);
    if (!second || !reason || !reviewOn) return null;
    return {
      title: titled,
      withheld: { ground: second, reason: { da: reason, en: known && 'withheld' in known && known.withheld.reason.da === reason ? known.withheld.reason.en : '' }, reviewOn },
    };
  });
  const changes = all('changes', 'change-line', ([on = '', ground = '', ...rest]) => {
    const [changedOn, words] = [readDay(on), rest.join('; ')];
    return changedOn && ground && words ? { on: changedOn, ground, text: { da: words, en: base?.changes.find((change) => change.text.da === words)?.text.en ?? '' } } : null;
  });
  if (faults.length > 0) return { content: null, faults };

  const lists = { options, suppliers, lots, notices, documents, changes };
  const parsed = agreementContentSchema.safeParse({
    number: text('number'),
    kind: text('kind'),
    kindOfContract: text('kindOfContract'),
    title: both('title'),
    summary: both('summary'),
    cpvMain: cpv[0] ?? null,
    cpv,
    nuts: nuts || null,
    startsOn,
    endsOn,
    procedure: text('procedure'),
    valueOre: amount,
    valueBand: text('valueBand') || null,
    mandatory: text('mandatory') === 'true',
    coverage: both('coverage'),
    ordering: both('ordering'),
    notCovered: both('notCovered'),
    priceListUrl: text('priceListUrl') || null,
    contactTeam: both('contactTeam'),
    contactEmail: text('contactEmail') || null,
    requirements: text('requirements').split('\n').filter(Boolean),
    predecessor: text('predecessor') || null,
    ...Object.fromEntries(Object.entries(lists).map(([name, entries]) => [name, entries.map(({ entry }) => entry)])),
  } as AgreementInput);
  if (parsed.success) return { content: parsed.data, faults };
  for (const issue of parsed.error.issues) {
    const [name, place] = issue.path;
    const line = lists[name as keyof typeof lists]?.[Number(place)]?.line;
    wrong(fieldOf(String(name ?? 'number')), codeOf(issue), line);
  }
  return { content: null, faults };
}

function fieldOf(name: string): string {
  return { title: 'titleDa', valueOre: 'value', cpvMain: 'cpv' }[name] ?? name;
}

function codeOf(issue: z.core.$ZodIssue): FormFault {
  if ((formFaults as readonly string[]).includes(issue.message)) return issue.message as FormFault;
  return issue.path[0] === 'number' ? 'number-wrong' : 'not-usable';
}
