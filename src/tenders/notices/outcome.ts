import type { TenderInput } from '../content.ts';
import { winnersOf } from '../eforms/award.ts';
import { type Notice, textIn } from '../eforms/notice.ts';

type Outcome = NonNullable<TenderInput['outcome']>;

/** What came of it, lot by lot, from public notices; later results stand over earlier ones of the same lot. Null while there is none. */
export function outcomeOf(results: readonly Notice[], severalLots: boolean): Outcome | null {
  const lots = new Map<string, Outcome['lots'][number]>();
  for (const notice of results) {
    for (const each of notice.result?.lotResults ?? []) {
      const winners = winnersOf(notice).filter(({ lot }) => lot === undefined || lot === each.lot);
      const one = winners.length === 1 ? winners[0] : undefined;
      lots.set(each.lot ?? '', {
        lot: severalLots ? (each.lot ?? null) : null,
        winners: winners.flatMap(({ members, leader }) =>
          members.map(({ id, name, cvr }) => ({ name: name ? textIn(name, 'da', notice.language).text : id, cvr: cvr ?? null, leads: members.length > 1 && id === leader?.id })),
        ),
        tenders: countOf(each.received),
        value: one?.tender.value ? { amount: one.tender.value.amount, currency: one.tender.value.currency } : null,
        concludedOn: winners.map(({ contract }) => contract?.concluded ?? contract?.awarded).find((day) => day !== undefined) ?? null,
        contract: one?.contract?.number ?? null,
        noAward: each.winnerChosen === 'clos-nw' ? (each.notAwardedReason ?? 'other') : null,
      });
    }
  }
  const last = results.findLast(({ result }) => (result?.lotResults.length ?? 0) > 0);
  return last && lots.size > 0 ? { on: last.publication.date ?? last.dispatched.date, lots: [...lots.values()] } : null;
}

/** Tenders received of any kind (BT-760 'tenders'). */
function countOf(received: readonly { readonly type?: string; readonly count?: string }[]): number | null {
  const count = Number.parseInt(received.find(({ type }) => type === 'tenders')?.count ?? '', 10);
  return Number.isNaN(count) ? null : count;
}
