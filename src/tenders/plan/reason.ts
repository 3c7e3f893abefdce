import { formatDate, formatPeriod } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import type { PlanEntry } from './forecast.ts';
import { planMessages } from './messages.ts';
import { quarterOf } from './quarter.ts';

/** Why an entry stands where it does: the dates it was computed from, in sentences that can be checked. */
export function reasonFor(entry: PlanEntry, today: string, lang: Language): string {
  const { why } = planMessages[lang];
  const quarter = (name: string): string => formatPeriod(name, lang);
  const day = (date: string): string => formatDate(date, lang);
  if (entry.kind === 'plan') return entry.quarter ? why.planned(quarter(entry.quarter)) : why.plannedUndated;
  const ends = (entry.end < today ? why.ended : why.ends)(day(entry.end));
  if (entry.kind === 'elsewhere') return `${ends} ${entry.agreement.kind === 'ski' ? why.ski : why.joint}`;

  const { months, later, lapsed } = entry;
  const sentences = [ends, (entry.quarter < quarterOf(today) ? why.leadPast : why.lead)(months, quarter(entry.quarter))];
  if (lapsed) sentences.push(why.lapsed(day(lapsed.extends_to), day(lapsed.notice_by)));
  if (later) {
    sentences.push((later.several ? why.extendOften : why.extend)(day(later.end), day(later.noticeBy)));
    sentences.push(later.quarter === entry.quarter ? why.stays : (later.several ? why.movesAll : why.moves)(quarter(later.quarter)));
  }
  return sentences.join(' ');
}
