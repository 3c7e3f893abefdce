import { kindsOfContract, procedures } from '../../agreements/content.ts';
import { readAmount, readCpv, readCvr, readDay } from '../../agreements/import/values.ts';
import { atDanishTime, danishTime } from '../../platform/clock.ts';
import { type Money, marks, plainId, type TenderContent, type TenderInput, tenderContentSchema } from '../content.ts';

/** What was typed in the form, field by field. Lists are written one entry per line, the parts of an entry between semicolons. */
export type TypedTender = Readonly<Record<string, string>>;

export const tenderFaults = [
  'required',
  'id-wrong',
  'date-wrong',
  'time-wrong',
  'quarter-wrong',
  'amount-wrong',
  'amount-unsure',
  'number-wrong',
  'cpv-wrong',
  'url-wrong',
  'email-wrong',
  'choose',
  'lot-line',
  'criterion-line',
  'outcome-line',
  'question-after-deadline',
  'no-date',
  'not-usable',
] as const;
export type TenderFault = (typeof tenderFaults)[number];
export interface FieldFault {
  readonly field: string;
  readonly code: TenderFault;
}

const criterionWords = { pris: 'price', price: 'price', omkostninger: 'cost', cost: 'cost', kvalitet: 'quality', quality: 'quality' } as const;

/** The form of a tender, as it stands in the fields. */
export function typedFromTender(content: TenderContent): TypedTender {
  const lines = (rows: readonly (readonly string[])[]): string => rows.map((parts) => parts.join('; ')).join('\n');
  const both = (name: string, { da, en }: { da: string; en: string }) => ({ [`${name}Da`]: da, [`${name}En`]: en });
  const moment = (name: string, at: string | null) => (at ? { [name]: danishTime(new Date(at)).slice(0, 10), [`${name}Time`]: danishTime(new Date(at)).slice(11, 16) } : {});
  const amount = (value: Money | null): string => (value?.currency === 'DKK' ? value.amount.replace('.', ',') : '');
  return {
    id: content.id,
    ...both('title', content.title),
    ...both('summary', content.summary),
    kindOfContract: content.kindOfContract,
    procedure: content.procedure,
    cpv: [...new Set([content.cpvMain, ...content.cpv])].join(', '),
    value: amount(content.value),
    expectedQuarter: content.expectedQuarter ?? '',
    publishedOn: content.publishedOn ?? '',
    ...moment('deadline', content.deadlineAt),
    ...moment('questions', content.questionsUntil),
    startsOn: content.startsOn ?? '',
    months: content.months === null ? '' : String(content.months),
    renewals: content.renewals === null ? '' : String(content.renewals),
    isFramework: String(content.isFramework),
    isReserved: String(content.isReserved),
    ...Object.fromEntries(content.marks.map((mark) => [`mark-${mark}`, 'true'])),
    documentsUrl: content.documentsUrl ?? '',
    submitUrl: content.submitUrl ?? '',
    contactEmail: content.contactEmail ?? '',
    replaces: content.replaces ?? '',
    requirements: content.requirements.join('\n'),
    dialogueOn: content.dialogue?.on ?? '',
    ...both('dialogue', content.dialogue?.text ?? { da: '', en: '' }),
    dialogueUrl: content.dialogue?.url ?? '',
    lots: lines(content.lots.map(({ number, title }) => [number, title.da])),
    criteria: lines(content.criteria.map(({ type, name, weight }) => [{ price: 'pris', cost: 'omkostninger', quality: 'kvalitet' }[type], name.da, weight])),
    cancelledOn: content.cancelled?.on ?? '',
    ...both('cancelled', content.cancelled?.reason ?? { da: '', en: '' }),
    outcomeOn: content.outcome?.on ?? '',
    outcome: lines(
      content.outcome?.lots.flatMap((lot) =>
        lot.winners.length === 0
          ? [[lot.lot ?? '', '', lot.noAward ?? 'other']]
          : lot.winners.map(({ cvr, name }) => [lot.lot ?? '', cvr ?? '', name, String(lot.tenders ?? ''), amount(lot.value)]),
      ) ?? [],
    ),
  };
}

/**
 * Reads the form. Faults are named by field; with faults there is no content. Of a tender that comes from notices only what
 * staff add is read: requirements, the agreement that it replaces, the meeting with the market.
 */
export function readTypedTender(typed: TypedTender, base: TenderContent | null): { readonly content: TenderContent | null; readonly faults: readonly FieldFault[] } {
  const faults: FieldFault[] = [];
  const wrong = (field: string, code: TenderFault): null => {
    faults.push({ field, code });
    return null;
  };
  const text = (field: string): string => (typed[field] ?? '').trim();
  const both = (name: string) => ({ da: text(`${name}Da`), en: text(`${name}En`) });
  const day = (field: string): string | null => (text(field) === '' ? null : (readDay(text(field)) ?? wrong(field, 'date-wrong')));
  const moment = (field: string): string | null => {
    const on = day(field);
    const time = text(`${field}Time`) || '23:59';
    if (on === null) return null;
    const found = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/.exec(time);
    return found ? atDanishTime(`${on}T${(found[1] ?? '').padStart(2, '0')}:${found[2]}:00`) : wrong(field, 'time-wrong');
  };
  const amount = (written: string, field: string): Money | null => {
    const ore = written === '' ? null : readAmount(written);
    if (ore === 'unsure') return wrong(field, 'amount-unsure');
    if (ore === null) return written === '' ? null : wrong(field, 'amount-wrong');
    return { amount: ore % 100 === 0 ? String(ore / 100) : (ore / 100).toFixed(2), currency: 'DKK' };
  };
  const count = (field: string): number | null => (text(field) === '' ? null : /^\d{1,3}$/.test(text(field)) ? Number(text(field)) : wrong(field, 'number-wrong'));
  const web = (field: string): string | null =>
    text(field) === '' ? null : /^https?:\/\/\S+$/.test(text(field)) && URL.canParse(text(field)) ? text(field) : wrong(field, 'url-wrong');
  const lines = <T>(field: string, code: TenderFault, read: (parts: string[]) => T | null): T[] => {
    const rows = text(field)
      .split('\n')
      .map((line) => line.split(';').map((part) => part.trim()))
      .filter((parts) => parts.some(Boolean))
      .map(read);
    if (rows.includes(null)) wrong(field, code);
    return rows.filter((row) => row !== null);
  };
  const dialogueOn = day('dialogueOn');
  const added = {
    requirements: text('requirements').split('\n').filter(Boolean),
    replaces: text('replaces') || null,
    dialogue: dialogueOn ? { on: dialogueOn, text: both('dialogue'), url: web('dialogueUrl') } : null,
  };
  if (base?.source === 'notices') return faults.length > 0 ? { content: null, faults } : { content: tenderContentSchema.parse({ ...base, ...added }), faults };

  if (text('titleDa') === '') wrong('titleDa', 'required');
  const id = base?.id ?? (text('id') || plainId(text('titleDa')));
  if ((!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) || id === 'plan') && text('titleDa')) wrong('id', 'id-wrong');
  const kind = kindsOfContract.find((each) => each === text('kindOfContract')) ?? wrong('kindOfContract', 'choose');
  const procedure = procedures.find((each) => each === text('procedure')) ?? wrong('procedure', 'choose');
  const cpv = text('cpv') === '' ? wrong('cpv', 'required') : (readCpv(text('cpv')) ?? wrong('cpv', 'cpv-wrong'));
  const quarter = text('expectedQuarter')
    .toUpperCase()
    .replace(/^([KQ])([1-4])[ -](\d{4})$/, '$3-Q$2')
    .replace(/^(\d{4})[ -]?[KQ]([1-4])$/, '$1-Q$2');
  if (quarter && !/^\d{4}-Q[1-4]$/.test(quarter)) wrong('expectedQuarter', 'quarter-wrong');
  const deadlineAt = moment('deadline');
  const questionsUntil = moment('questions');
  if (deadlineAt && questionsUntil && questionsUntil > deadlineAt) wrong('questions', 'question-after-deadline');
  if (!deadlineAt && !quarter && !faults.some(({ field }) => field === 'deadline')) wrong('deadline', 'no-date');
  if (text('contactEmail') && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text('contactEmail'))) wrong('contactEmail', 'email-wrong');
  const cancelledOn = day('cancelledOn');
  const content: Partial<Record<keyof TenderInput, unknown>> = {
    // What has no field here stays as it was.
    ...base,
    ...added,
    id,
    source: 'typed',
    title: both('title'),
    summary: both('summary'),
    kindOfContract: kind,
    procedure,
    cpvMain: cpv?.[0],
    cpv: cpv?.slice(1) ?? [],
    nuts: base?.nuts ?? (text('nuts') ? [text('nuts')] : []),
    value: amount(text('value'), 'value'),
    expectedQuarter: quarter || null,
    publishedOn: day('publishedOn'),
    deadlineAt,
    questionsUntil,
    startsOn: day('startsOn'),
    months: count('months'),
    renewals: count('renewals'),
    isFramework: text('isFramework') === 'true',
    isReserved: text('isReserved') === 'true',
    marks: marks.filter((mark) => text(`mark-${mark}`) === 'true'),
    documentsUrl: web('documentsUrl'),
    submitUrl: web('submitUrl'),
    contactEmail: text('contactEmail') || null,
    lots: lines('lots', 'lot-line', ([number = '', title = '']) =>
      number && title
        ? { ...base?.lots.find((lot) => lot.number === number), number, title: { da: title, en: base?.lots.find((lot) => lot.title.da === title)?.title.en ?? '' } }
        : null,
    ),
    criteria: lines('criteria', 'criterion-line', ([word = '', name = '', weight = '']) => {
      const type = criterionWords[word.toLowerCase() as keyof typeof criterionWords];
      return type ? { type, name: { da: name, en: base?.criteria.find((each) => each.name.da === name)?.name.en ?? '' }, weight } : null;
    }),
    cancelled: cancelledOn ? { on: cancelledOn, reason: both('cancelled') } : null,
    outcome: outcomeIn(
      lines('outcome', 'outcome-line', (parts) => (parts.length >= 3 && (parts[1] === '' || readCvr(parts[1] ?? '')) ? parts : null)),
      day('outcomeOn'),
      (written) => amount(written, 'outcome'),
      base?.outcome ?? null,
    ),
  };
  if (faults.length > 0) return { content: null, faults };
  const parsed = tenderContentSchema.safeParse(content);
  if (parsed.success) return { content: parsed.data, faults };
  return { content: null, faults: parsed.error.issues.map(({ path: [field] }) => ({ field: String(field ?? 'titleDa'), code: 'not-usable' as const })) };
}

/** Lines of: lot; CVR; name; tenders received; value. Several lines of one lot are several winners; without a CVR number the third part may be the code of why nobody won. */
function outcomeIn(rows: readonly string[][], on: string | null, amountOf: (written: string) => Money | null, before: TenderContent['outcome']): TenderInput['outcome'] {
  if (!on || rows.length === 0) return null;
  const lots = Map.groupBy(rows, ([lot = '']) => lot);
  return {
    on,
    lots: [...lots].map(([lot, lines]) => {
      const [, cvr = '', name = '', tenders = '', value = ''] = lines[0] ?? [];
      const nobody = lines.length === 1 && cvr === '' && /^[a-z]+(-[a-z]+)*$/.test(name);
      const known = before?.lots.find((each) => (each.lot ?? '') === lot);
      return {
        ...(known && { concludedOn: known.concludedOn, contract: known.contract }),
        lot: lot || null,
        winners: nobody ? [] : lines.map(([, digits = '', each = '']) => ({ name: each, cvr: readCvr(digits) })),
        tenders: /^\d+$/.test(tenders) ? Number(tenders) : null,
        value: lines.length === 1 ? amountOf(value) : null,
        noAward: nobody ? name : null,
      };
    }),
  };
}
