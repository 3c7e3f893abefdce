import { createHash } from 'node:crypto';
import { agreementContentSchema } from '../../src/agreements/content.ts';
import { publishAgreements } from '../../src/agreements/publishing/publish.ts';
import { catalogueOf } from '../../src/content/catalogue.ts';
import type { Content } from '../../src/content/content.ts';
import type { Role } from '../../src/identity/actor.ts';
import { addDays, type Clock } from '../../src/platform/clock.ts';
import type { Tx } from '../../src/platform/db.ts';
import { tenderContentSchema } from '../../src/tenders/content.ts';
import { publishTender } from '../../src/tenders/publish.ts';
import { quarterAhead, type readAgreements, readSuppliers, readTenders } from './demonstration.ts';

/** The role accounts of the demonstration. */
export const people: readonly { email: string; name: string; roles?: readonly Role[]; of?: readonly { cvr: string; role: 'administrator' | 'member' }[] }[] = [
  { email: 'leverandoer@demo.example', name: 'Leverandør (eksempel)', of: [{ cvr: '90000004', role: 'administrator' }] },
  { email: 'kollega@demo.example', name: 'Kollega (eksempel)', of: [{ cvr: '90000004', role: 'member' }] },
  { email: 'anden@demo.example', name: 'Anden leverandør (eksempel)', of: [{ cvr: '90002740', role: 'administrator' }] },
  {
    email: 'begge@demo.example',
    name: 'Begge leverandører (eksempel)',
    of: [
      { cvr: '90000004', role: 'member' },
      { cvr: '90002740', role: 'member' },
    ],
  },
  { email: 'vask@demo.example', name: 'Tredje leverandør (eksempel)', of: [{ cvr: '90004115', role: 'administrator' }] },
  { email: 'sagsbehandler@demo.example', name: 'Sagsbehandler (eksempel)', roles: ['case_officer'] },
  { email: 'kontrakt@demo.example', name: 'Kontraktansvarlig (eksempel)', roles: ['contract_manager'] },
  { email: 'redaktoer@demo.example', name: 'Redaktør (eksempel)', roles: ['publisher'] },
  { email: 'budget@demo.example', name: 'Budgetansvarlig (eksempel)', roles: ['budget_holder'] },
  { email: 'revision@demo.example', name: 'Revisor (eksempel)', roles: ['auditor'] },
  { email: 'admin@demo.example', name: 'Administrator (eksempel)', roles: ['administrator'] },
];

/** An id that is the same in every demonstration. */
export function idFor(key: string): string {
  const hex = createHash('sha256').update(`demonstration ${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export async function seedPeople(tx: Tx, passwordHash: string): Promise<void> {
  for (const { cvr, name, town } of readSuppliers()) {
    await tx
      .insertInto('supplier')
      .values({ id: idFor(cvr), cvr, name, town, is_example: true })
      .onConflict((c) => c.column('cvr').doNothing())
      .execute();
  }
  for (const person of people) {
    const id = idFor(person.email);
    await tx
      .insertInto('account')
      .values({ id, email: person.email, name: person.name, password_hash: passwordHash })
      .onConflict((c) => c.column('email').doNothing())
      .execute();
    for (const role of person.roles ?? [])
      await tx
        .insertInto('account_role')
        .values({ account_id: id, role })
        .onConflict((c) => c.doNothing())
        .execute();
    for (const { cvr, role } of person.of ?? [])
      await tx
        .insertInto('membership')
        .values({ account_id: id, supplier_id: idFor(cvr), role })
        .onConflict((c) => c.doNothing())
        .execute();
  }
}

export async function seedAgreements(tx: Tx, agreements: ReturnType<typeof readAgreements>, content: Content, clock: Clock): Promise<void> {
  const suppliers = new Map(readSuppliers().map((supplier) => [supplier.cvr, supplier]));
  const contents = agreements.map(({ suppliers: cvrs, estimatedValueDkk, ...rest }) =>
    agreementContentSchema.parse({
      ...rest,
      valueOre: estimatedValueDkk * 100,
      suppliers: cvrs.map((cvr) => ({ cvr, name: suppliers.get(cvr)?.name, town: suppliers.get(cvr)?.town })),
    }),
  );
  await publishAgreements(tx, contents, { catalogue: catalogueOf(content), now: clock.now(), by: null, isExample: true, idOf: idFor });
}

export async function seedTenders(tx: Tx, today: string, content: Content, clock: Clock): Promise<void> {
  const suppliers = new Map(readSuppliers().map((supplier) => [supplier.cvr, supplier]));
  for (const { deadline, expectedQuarter, estimatedValueDkk, dialogue, outcome, ...row } of readTenders()) {
    const deadlineAt = deadline === undefined ? null : new Date(`${addDays(today, deadline)}T11:00:00Z`).toISOString();
    const tender = tenderContentSchema.parse({
      ...row,
      deadlineAt,
      questionsUntil: deadline === undefined ? null : new Date(`${addDays(today, deadline - 10)}T11:00:00Z`).toISOString(),
      publishedOn: deadline === undefined ? null : addDays(today, deadline - 40),
      expectedQuarter: expectedQuarter === undefined ? null : quarterAhead(expectedQuarter, today),
      value: { amount: String(estimatedValueDkk), currency: 'DKK' },
      nuts: [content.municipality.nuts],
      dialogue: dialogue ? { on: addDays(today, dialogue.inDays), text: dialogue.text } : null,
      outcome: outcome
        ? {
            on: addDays(today, -outcome.daysAgo),
            lots: [
              {
                winners: [{ name: suppliers.get(outcome.winner)?.name ?? '', cvr: outcome.winner }],
                tenders: outcome.tenders,
                value: { amount: String(outcome.valueDkk), currency: 'DKK' },
                concludedOn: addDays(today, -outcome.daysAgo),
              },
            ],
          }
        : null,
    });
    await publishTender(tx, tender, { catalogue: catalogueOf(content), now: clock.now(), by: null, isExample: true });
  }
}
