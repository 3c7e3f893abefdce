import { createHash } from 'node:crypto';
import type { AgreementContent } from '../../agreements/content.ts';
import { plainId, type TenderContent, type TenderInput, tenderContentSchema } from '../content.ts';
import type { Lot, Purpose } from '../eforms/lot.ts';
import { type Notice, type Text, textIn } from '../eforms/notice.ts';
import { publicNotice } from '../eforms/privacy.ts';
import { noticeNames } from './names.ts';
import { outcomeOf } from './outcome.ts';

/** What staff add to a tender that comes from notices; kept when the next notice comes in. */
export type Additions = Pick<TenderContent, 'id' | 'requirements' | 'replaces' | 'dialogue'>;

const procedures: Readonly<Record<string, AgreementContent['procedure']>> = {
  open: 'open',
  restricted: 'restricted',
  'neg-w-call': 'negotiated',
  'comp-dial': 'negotiated',
  innovation: 'negotiated',
  'neg-wo-call': 'direct',
};
const natures: Readonly<Record<string, AgreementContent['kindOfContract']>> = { works: 'works', services: 'services', supplies: 'supplies' };
const daysIn: Readonly<Record<string, number>> = { DAY: 1 / 30.4, WEEK: 7 / 30.4, MONTH: 1, YEAR: 12 };
const criterionTypes = ['price', 'cost', 'quality'] as const;

/**
 * A procedure as its notices tell it: the last notice of each kind that no other has changed, over what was said before
 * it. Null when there is no notice that says what is bought (BT-262). What is withheld on `today` is left out.
 */
export function tenderFrom(unordered: readonly Notice[], additions: Partial<Additions>, today: string): TenderContent | null {
  const received = [...unordered].sort((a, b) => a.dispatched.at.localeCompare(b.dispatched.at) || a.version.localeCompare(b.version));
  const current = inForce(received).map((notice) => publicNotice(notice, today));
  const last = (...kinds: Notice['kind'][]): Notice | undefined => current.findLast((notice) => kinds.includes(notice.kind) && notice.cancelled !== 'cancel');
  const competition = last('competition');
  const base = competition ?? last('direct-award') ?? last('planning', 'consultation') ?? last('result', 'modification') ?? current.at(-1);
  if (!base) return null;
  const cpv = base.procedure.cpv ?? base.lots[0]?.cpv ?? base.parts[0]?.cpv;
  const title = base.procedure.title ?? base.lots[0]?.title ?? base.parts[0]?.title;
  if (!cpv || !title) return null;
  const planned = last('planning', 'consultation')?.plannedPublication;
  const lots = competition || !base.parts.length ? base.lots : base.parts;
  const whole = lots.length === 1 ? lots[0] : undefined;
  const deadlines = lots.flatMap(({ tenderDeadline }) => (tenderDeadline ? [tenderDeadline.at] : [])).sort();
  const requests = lots.flatMap(({ requestDeadline, interestDeadline }) => requestDeadline?.at ?? interestDeadline?.at ?? []).sort();
  const questions = lots.flatMap(({ questionDeadline }) => (questionDeadline ? [questionDeadline.at] : [])).sort();
  const cancelled = current.findLast((notice) => notice.cancelled === 'cancel' && (!competition || notice.dispatched.at >= competition.dispatched.at));
  const first = received.find(({ kind }) => kind === 'competition') ?? (base.kind === 'direct-award' ? base : undefined);

  const content: TenderInput = {
    id: additions.id ?? idFor(both(title, base.language).da, base.procedureId ?? base.id),
    source: 'notices',
    procedureId: base.procedureId ?? null,
    title: both(title, base.language),
    summary: both(base.procedure.description ?? whole?.description, base.language),
    kindOfContract: natures[base.procedure.nature ?? whole?.nature ?? ''] ?? 'services',
    procedure: procedures[base.procedure.type ?? ''] ?? 'not-stated',
    cpvMain: cpv,
    cpv: unique([base.procedure, ...lots].flatMap((each: Purpose) => [...(each.cpv ? [each.cpv] : []), ...each.otherCpv])).filter((code) => code !== cpv),
    nuts: unique([base.procedure, ...lots].flatMap((each: Purpose) => each.places.flatMap(({ nuts }) => nuts ?? []))),
    value: moneyOf(base.procedure.value ?? whole?.value),
    frameworkMaximum: moneyOf(base.procedure.maximum ?? whole?.maximum),
    isFramework: lots.some(({ framework }) => framework !== undefined && framework !== 'none'),
    isDynamic: lots.some(({ dynamicSystem }) => dynamicSystem !== undefined && dynamicSystem !== 'none'),
    isReserved: lots.some(({ reserved }) => reserved.some((code) => code !== 'none')),
    marks: marksOf(lots),
    dialogue: additions.dialogue ?? null,
    expectedQuarter: competition || !planned ? null : `${planned.slice(0, 4)}-Q${Math.ceil(Number(planned.slice(5, 7)) / 3)}`,
    publishedOn: first ? (first.publication.date ?? first.dispatched.date) : null,
    deadlineAt: deadlines.at(-1) ?? null,
    requestsUntil: requests.at(-1) ?? null,
    questionsUntil: questions.at(-1) ?? null,
    ...periodOf(lots),
    // What was agreed is more than what was planned.
    ...Object.fromEntries(Object.entries(periodOf(last('result')?.lots ?? [])).filter(([, value]) => value !== null)),
    lots: lots.length > 1 ? lots.map((lot) => lotOf(lot, base.language)) : [],
    criteria: (whole ?? lots[0])?.awardCriteria.flatMap((each) => criterionOf(each, base.language)) ?? [],
    documentsUrl: webOf(lots.map(({ documentsUrl, restrictedDocumentsUrl }) => documentsUrl ?? restrictedDocumentsUrl)),
    submitUrl: webOf(lots.map(({ submissionUrl }) => submissionUrl)),
    requirements: additions.requirements ?? [],
    replaces: additions.replaces ?? null,
    cancelled: cancelled ? { on: cancelled.dispatched.date, reason: both(cancelled.change?.reasons[0]?.text, cancelled.language) } : null,
    outcome: outcomeOf(
      current.filter(({ kind }) => kind === 'result' || kind === 'direct-award'),
      lots.length > 1,
    ),
    notices: received.flatMap((notice) => (notice.kind === 'registration' ? [] : [referenceOf(notice, notice.kind)])),
    withheld: current.flatMap(({ withheld }) =>
      withheld
        .map(({ field, until }) => ({ field: noticeNames(field), until: until ?? null }))
        .filter((each, index, all) => all.findIndex((other) => other.field.da === each.field.da) === index),
    ),
  };
  return tenderContentSchema.parse(content);
}

/** Without what a later one replaces: another version of the same, or a change notice (BT-758). */
function inForce(ordered: readonly Notice[]): Notice[] {
  return ordered.filter(
    (notice, index) =>
      !ordered.some((other, at) => (other.id === notice.id && at > index) || (at !== index && [notice.id, notice.publication.number].includes(other.change?.noticeId ?? ''))),
  );
}

function both(text: Text | undefined, own: string): { da: string; en: string } {
  if (!text) return { da: '', en: '' };
  const da = textIn(text, 'da', own).text;
  const en = textIn(text, 'en', own);
  return { da, en: en.lang === 'ENG' && en.text !== da ? en.text : '' };
}

const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];
const moneyOf = (amount: { amount: string; currency: string } | undefined) => (amount ? { amount: amount.amount.replace(/^\+/, ''), currency: amount.currency } : null);
const webOf = (addresses: readonly (string | undefined)[]): string | null => addresses.find((each) => each && /^https?:\/\//.test(each) && URL.canParse(each)) ?? null;

function marksOf(lots: readonly Lot[]): TenderContent['marks'] {
  const has = (codes: readonly string[]): boolean => codes.some((code) => code !== 'none');
  return [
    ...(lots.some((lot) => lot.strategic.includes('env-imp') || has(lot.green) || has(lot.greenCriteria)) ? (['green'] as const) : []),
    ...(lots.some((lot) => lot.strategic.includes('soc-obj') || has(lot.social)) ? (['social'] as const) : []),
    ...(lots.some((lot) => lot.strategic.includes('inn-pur') || has(lot.innovative)) ? (['innovation'] as const) : []),
  ];
}

/** The longest period of any lot, since the tender as a whole lasts as long. */
function periodOf(lots: readonly Lot[]): Pick<TenderInput, 'startsOn' | 'endsOn' | 'months' | 'renewals'> {
  const starts = lots.flatMap(({ period }) => period.start ?? []).sort();
  const ends = lots.flatMap(({ period }) => period.end ?? []).sort();
  const months = lots.flatMap(({ period: { duration } }) => (duration ? Math.round(Number(duration.value) * (daysIn[duration.unit] ?? Number.NaN)) : [])).filter((n) => n >= 1);
  const renewals = lots.flatMap(({ maxRenewals }) => (maxRenewals ? Number.parseInt(maxRenewals, 10) : [])).filter((n) => n >= 0);
  return {
    startsOn: starts[0] ?? null,
    endsOn: ends.at(-1) ?? null,
    months: months.length > 0 ? Math.max(...months) : null,
    renewals: renewals.length > 0 ? Math.max(...renewals) : null,
  };
}

function lotOf(lot: Lot, own: string): NonNullable<TenderInput['lots']>[number] {
  const title = both(lot.title, own);
  return {
    number: lot.id,
    title: title.da ? title : { da: lot.id, en: lot.id },
    summary: both(lot.description, own),
    cpvMain: lot.cpv ?? null,
    value: moneyOf(lot.value),
    deadlineAt: lot.tenderDeadline?.at ?? lot.requestDeadline?.at ?? null,
  };
}

function criterionOf(each: Lot['awardCriteria'][number], own: string): NonNullable<TenderInput['criteria']> {
  const type = criterionTypes.find((known) => known === each.type);
  if (!type) return [];
  const { value, meaning = '' } = each.numbers[0] ?? {};
  return [{ type, name: both(each.name ?? each.description, own), weight: value ? `${value}${meaning.startsWith('per-') ? ' %' : ''}` : '' }];
}

function referenceOf(notice: Notice, kind: Exclude<Notice['kind'], 'registration'>): NonNullable<TenderInput['notices']>[number] {
  const number = notice.publication.number ?? null;
  return {
    id: notice.id,
    version: notice.version,
    kind,
    on: notice.publication.date ?? notice.dispatched.date,
    reference: number,
    url: number && /^\d+-\d{4}$/.test(number) ? `https://ted.europa.eu/da/notice/-/detail/${number}` : null,
  };
}

/** The address of a tender's page: its title, and a mark of the procedure by which two of one title differ. */
function idFor(title: string, procedure: string): string {
  const mark = createHash('sha256').update(procedure).digest('hex').slice(0, 10);
  return [plainId(title).slice(0, 60).replace(/-+$/, ''), mark].filter(Boolean).join('-');
}
