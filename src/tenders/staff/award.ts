import type { AgreementContent } from '../../agreements/content.ts';
import { typedAmount, typedDay } from '../../agreements/staff/form.ts';
import { addDays } from '../../platform/clock.ts';
import type { TenderContent } from '../content.ts';

/**
 * What the register's form begins with when a tender has been awarded: suppliers, lots, period and options from the notices,
 * for staff to confirm. Notices tell how often it can be renewed, not for how long: a year at a time is proposed.
 */
export function agreementTypedFrom(tender: TenderContent): Readonly<Record<string, string>> {
  const outcome = tender.outcome;
  const winners = [...new Map((outcome?.lots ?? []).flatMap(({ winners: all }) => all).map((winner) => [winner.cvr ?? winner.name, winner])).values()];
  const start = tender.startsOn ?? outcome?.lots.map(({ concludedOn }) => concludedOn).find((on) => on !== null) ?? outcome?.on ?? '';
  const end = tender.endsOn ?? (start && tender.months ? addDays(monthsLater(start, tender.months), -1) : '');
  const kind: AgreementContent['kind'] = tender.isDynamic ? 'dynamic-system' : tender.isFramework ? 'framework' : 'contract';
  const step = tender.months && tender.renewals ? Math.min(12, tender.months) : 0;
  const value = tender.value?.currency === 'DKK' ? typedAmount(Math.round(Number(tender.value.amount) * 100)) : '';
  return {
    number: outcome?.lots.map(({ contract }) => contract).find((number) => number && /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,59}$/u.test(number)) ?? `${(start || '0000').slice(0, 4)}-`,
    titleDa: tender.title.da,
    titleEn: tender.title.en,
    summaryDa: tender.summary.da,
    summaryEn: tender.summary.en,
    kind,
    kindOfContract: tender.kindOfContract,
    procedure: tender.procedure,
    startsOn: typedDay(start),
    endsOn: typedDay(end),
    options: end
      ? Array.from(
          { length: step ? (tender.renewals ?? 0) : 0 },
          (_, index) => `${typedDay(monthsLater(end, step * (index + 1)))}; ${typedDay(monthsLater(end, step * index - 6))}; `,
        ).join('\n')
      : '',
    value,
    cpv: [...new Set([tender.cpvMain, ...tender.cpv])].join(', '),
    nuts: tender.nuts.find((code) => /^DK/.test(code)) ?? '',
    suppliers: winners.map(({ cvr, name }) => `${cvr ?? ''}; ${name}; `).join('\n'),
    lots: tender.lots
      .map(({ number, title }) => `${number}; ${title.da}; ${(outcome?.lots.find((lot) => lot.lot === number)?.winners ?? []).flatMap(({ cvr }) => cvr ?? []).join(', ')}`)
      .join('\n'),
    notices: tender.notices.map(({ id, reference, url }) => `TED; ${reference ?? id}; ${url ?? ''}`).join('\n'),
    predecessor: tender.replaces ?? '',
    requirements: tender.requirements.join('\n'),
    contactEmail: tender.contactEmail ?? '',
  };
}

/** The same day so many months on, or the last of a month that is shorter. */
function monthsLater(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const target = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  return new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth(), Math.min(date, last))).toISOString().slice(0, 10);
}
