import { createHash } from 'node:crypto';
import { formatAmount } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { type AgreementContent, canonical } from '../content.ts';
import { keepMessages } from './messages.ts';

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
  'cpv-unknown',
  'nuts-unknown',
  'predecessor-unknown',
  'predecessor-itself',
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
  'line-twice',
  'email-wrong',
  'url-wrong',
  'not-usable',
] as const;
export type FormFault = (typeof formFaults)[number];

export interface FieldFault {
  readonly field: string;
  readonly code: FormFault;
  /** Of a list: the line as the person sees it, counted from 1. */
  readonly line?: number;
  /** Which of several is meant. */
  readonly found?: string;
}

/** Tells whether anything was changed in a form: the same for the same content. */
export function fingerprint(content: AgreementContent): string {
  return createHash('sha256').update(canonical(content)).digest('base64url');
}

/** A day as people type it: 31-12-2027, from YYYY-MM-DD. */
export function typedDay(day: string): string {
  return day.split('-').reverse().join('-');
}

/** An amount as people type it: 4.500.000,00, from øre. */
export function typedAmount(ore: number): string {
  return formatAmount(ore / 100, 'da');
}

/** The form of an agreement, as it stands in the fields. */
export function typedFrom(content: AgreementContent, lang: Language): Typed {
  const t = keepMessages[lang];
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
    startsOn: typedDay(content.startsOn),
    endsOn: typedDay(content.endsOn),
    value: content.valueOre === null ? '' : typedAmount(content.valueOre),
    valueBand: content.valueBand ?? '',
    cpv: [...new Set([...(content.cpvMain ? [content.cpvMain] : []), ...content.cpv])].join(', '),
    nuts: content.nuts ?? '',
    mandatory: String(content.mandatory),
    contactEmail: content.contactEmail ?? '',
    priceListUrl: content.priceListUrl ?? '',
    predecessor: content.predecessor ?? '',
    requirements: content.requirements.join('\n'),
    suppliers: lines(content.suppliers.map(({ cvr, name, town, consortium }) => [cvr, name, town, ...(consortium ? [consortium] : [])])),
    options: lines(content.options.map(({ extendsTo, noticeBy, used }) => [typedDay(extendsTo), typedDay(noticeBy), ...(used ? [t.taken] : [])])),
    lots: lines(content.lots.map(({ number, title, suppliers }) => [number, title.da, suppliers.join(', ')])),
    notices: lines(content.notices.map(({ system, reference, url }) => [t.systems[system], reference, url ?? ''])),
    documents: lines(
      content.documents.map((document) =>
        'url' in document ? [document.title.da, document.url] : [document.title.da, document.withheld.ground, document.withheld.reason.da, typedDay(document.withheld.reviewOn)],
      ),
    ),
    changes: lines(content.changes.map(({ on, ground, text }) => [typedDay(on), ground, text.da])),
  };
}
