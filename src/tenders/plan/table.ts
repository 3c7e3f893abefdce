import { agreementMessages } from '../../agreements/messages.ts';
import { inLanguage, type Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { Value } from '../../spreadsheet/write.ts';
import type { Forecast, PlanEntry } from './forecast.ts';
import { planMessages } from './messages.ts';
import { reasonFor } from './reason.ts';

export interface TableContext {
  readonly today: string;
  readonly lang: Language;
  readonly siteUrl: URL;
  /** What categories are called in everyday words. */
  readonly categories: ReadonlyMap<string, string>;
}

/** The plan as a table: the rows of the page, in its order, with what they were computed from. */
export function planTable({ waiting, quarters, undated }: Forecast, context: TableContext): { head: string[]; rows: Value[][] } {
  const t = planMessages[context.lang];
  const row = (group: keyof typeof t.groups) => (entry: PlanEntry) => cells(entry, t.groups[group], context);
  return {
    head: Object.values(t.columns),
    rows: [...waiting.map(row('waiting')), ...quarters.flatMap(({ entries }) => entries.map(row('expected'))), ...undated.map(row('undated'))],
  };
}

function cells(entry: PlanEntry, group: string, { today, lang, siteUrl, categories }: TableContext): Value[] {
  const t = planMessages[lang];
  const words = agreementMessages[lang];
  const subject = entry.kind === 'plan' ? entry.tender : entry.agreement;
  const agreement = entry.kind === 'plan' ? null : entry.agreement;
  const later = entry.kind === 'estimate' ? entry.later : null;
  const day = (date: string | undefined): Date | null => (date ? new Date(`${date}T00:00:00Z`) : null);
  const path = entry.kind === 'plan' ? pathTo('tender', lang, { id: entry.tender.id }) : pathTo('agreement', lang, { number: entry.agreement.number });
  const byColumn: Record<keyof typeof t.columns, Value> = {
    group,
    quarter: entry.quarter,
    latest: later?.quarter ?? null,
    kind: t.tag[entry.kind],
    title: inLanguage(subject, 'title', lang),
    category: subject.category && (categories.get(subject.category) ?? null),
    agreement: entry.kind === 'plan' ? entry.tender.replaces_number : entry.agreement.number,
    tender: entry.kind === 'plan' ? entry.tender.id : null,
    end: day(entry.kind === 'plan' ? undefined : entry.end),
    noticeBy: day(later?.noticeBy),
    extendedTo: day(later?.end),
    months: entry.kind === 'estimate' ? entry.months : null,
    procedure: words.procedure[subject.procedure as keyof typeof words.procedure] ?? null,
    value: subject.value_ore === null ? null : subject.value_ore / 100,
    band: agreement?.value_band ? words.valueBand[agreement.value_band as keyof typeof words.valueBand] : null,
    why: reasonFor(entry, today, lang),
    url: new URL(path, siteUrl).href,
  };
  return (Object.keys(t.columns) as (keyof typeof t.columns)[]).map((column) => byColumn[column]);
}
