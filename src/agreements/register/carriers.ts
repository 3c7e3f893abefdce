import type { Db } from '../../platform/db.ts';
import { type AgreementLine, linesOf } from '../queries.ts';
import { addedUp, tallyOf } from './counts.ts';
import { readQuery, statuses } from './query.ts';
import { registerPage } from './register.ts';

/** The agreements that carry some requirement, of which only the first are read. */
export interface Carriers {
  readonly agreements: readonly AgreementLine[];
  readonly total: number;
  /** What the address of the list of all of them asks for. */
  readonly search: string;
  /** How many carry each requirement. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What carries any of the requirements, whether it has begun or ended: those of `first`, then by title, and how many there are in all. Three queries. */
export async function carriersOf(
  db: Db,
  requirements: readonly string[],
  { first, atMost, today }: { first: readonly string[]; atMost: number; today: string },
): Promise<Carriers> {
  if (requirements.length === 0) return { agreements: [], total: 0, search: '', counts: {} };
  const { query } = readQuery(new URLSearchParams({ limit: String(atMost) }), { defaultStatus: statuses });
  const { ids, total, counts } = await registerPage(db, { ...query, requirement: requirements }, today);
  const search = String(new URLSearchParams([...requirements.map((id) => ['requirement', id]), ...statuses.map((status) => ['status', status])]));
  // What was documented under a requirement may carry it no more.
  const candidates = [...new Set([...[...new Set(first)].slice(0, atMost), ...ids])];
  return { agreements: (await linesOf(db, candidates, requirements)).slice(0, atMost), total, search, counts: counts.requirement };
}

/** How many agreements are in force. One query. */
export async function activeCount(db: Db, today: string): Promise<number> {
  const { groups, sets } = await tallyOf(db, today);
  return addedUp(groups, sets, readQuery(new URLSearchParams(), { defaultStatus: [] }).query).counts.status['active'] ?? 0;
}
