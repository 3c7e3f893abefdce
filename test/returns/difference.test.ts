import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LinesDifference } from '../../src/followup/correction/correct.ts';
import { salesTask, whenRead } from '../support/obligations.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { fieldValue, Visitor, visibleText } from '../support/visitor.ts';
import { csvOf } from './support.ts';

let server: TestServer;
let supplier: Visitor;
let officer: Visitor;
beforeAll(async () => {
  server = await startServer();
  supplier = new Visitor(server.base);
  officer = new Visitor(server.base);
  await supplier.logIn('leverandoer@demo.example');
  await officer.logIn('sagsbehandler@demo.example');
});

/** Posts the form of a task as its page stands, with a file where one is given, and follows to the next page. */
async function post(address: string, intent: string, file?: string): Promise<{ status: number; location: string; html: string; text: string }> {
  const page = await supplier.text(address);
  const form = new FormData();
  for (const name of ['form-key', 'round', 'version', 'lines']) form.set(name, fieldValue(page, name));
  form.set('intent', intent);
  if (file !== undefined) form.set('files', new Blob([file]), 'salg.csv');
  const answer = await supplier.post(address, form);
  const location = answer.headers.get('location') ?? '';
  const html = answer.status === 303 ? await whenRead(supplier, location) : await answer.text();
  return { status: answer.status, location, html, text: visibleText(html) };
}

describe('lines that are filed once more', () => {
  test('are shown against those before: to the supplier before filing, to the case officer before anything else', async () => {
    const task = await salesTask(server.database);
    const address = `/leverandoer/opgaver/${task.id}`;
    const line = (changed: Record<string, string> = {}) => ({ aftalenummer: task.agreement, ...changed });
    const lines = [line(), line({ fakturanummer: 'F-2' }), line({ fakturanummer: 'F-3' })];
    await post(address, 'file', csvOf(...lines));
    expect((await post(address, 'file')).location).toContain('/kvitteringer/');
    expect((await supplier.text(address)).match(/value="correct"/g)).toHaveLength(1);
    expect((await post(address, 'correct')).text).toContain('Du er ved at rette');

    const shuffled = await post(address, 'file', csvOf(...[...lines].reverse()));
    expect(shuffled.text).toContain('Linjerne er de samme som sidst');
    const same = await post(address, 'file');
    expect([same.status, same.text.includes('Det er det samme som det, du indsendte sidst')]).toEqual([422, true]);

    const removal = /value="(remove:[^"]+)"/.exec(same.html)?.[1] ?? '';
    await post(address, removal);
    const corrected = [line({ antal: '42', beloeb_ekskl_moms: '987,00' }), line({ fakturanummer: 'F-2' }), line({ fakturanummer: 'F-4', paa_aftale: 'nej' })];
    const shown = await post(address, 'file', csvOf(...corrected));
    expect(shown.text).toContain('Nye linjer: 1. Ændrede: 1. Fjernede: 1.');
    expect(shown.text).toMatch(/Antal: 40 → 42/);
    expect((await post(address, 'file')).location).toContain('/kvitteringer/');

    const html = await officer.text(`/forvaltning/sager/${task.id}`);
    const seen = visibleText(html);
    expect(seen).toMatch(/Salg i alt uden moms 2\.820,00.kr\. 2\.867,00.kr\./);
    expect(seen).toMatch(/Fakturanummer F-4, Varenummer 712345, Beløb uden moms, kr\. 940,00 +Ny/);
    expect(seen).toMatch(/F-3[^→]*Fjernet/);
    expect(html.indexOf('Ændret siden sidste indsendelse')).toBeLessThan(html.indexOf('Det, leverandøren har sendt'));
    const english = visibleText(await officer.text(`/en/administration/cases/${task.id}`));
    expect(english).toContain('New lines: 1. Changed: 1. Removed: 1.');
  });

  test('differ as two bags of lines do, paired by what tells a line', async () => {
    const { db } = server.database.owner;
    const { supplier_id } = await db.selectFrom('obligation').select('supplier_id').executeTakeFirstOrThrow();
    const cell = fc.constantFrom('a', 'b', 'c', null);
    const bag = fc.array(fc.tuple(cell, cell, cell), { maxLength: 12 });
    const keep = async (rows: readonly (string | null)[][]): Promise<string> => {
      const id = randomUUID();
      await db.insertInto('return_file').values({ id, obligation_id: randomUUID(), supplier_id, made_at: new Date() }).execute();
      for (const [at, cells] of rows.entries()) await sql`insert into return_line values (${id}, ${at + 2}, ${cells}::text[])`.execute(db);
      return id;
    };
    await fc.assert(
      fc.asyncProperty(bag, bag, async (old, now) => {
        const [before, after] = [await keep(old), await keep(now)];
        const { rows } = await sql<{ found: LinesDifference }>`select line_difference(${before}, ${after}, '{1,3}', 5) as found`.execute(db);
        expect({ ...rows[0]?.found, first: rows[0]?.found.first.length }).toEqual(oracle(old, now, 5));
      }),
      { numRuns: 40 },
    );
  });
});

/** The same by hand: strike out what is in both, pair the rest by the first and the third cell. */
function oracle(old: readonly (string | null)[][], now: readonly (string | null)[][], most: number) {
  const gone = [...old];
  const come = now.filter((cells) => {
    const at = gone.findIndex((each) => JSON.stringify(each) === JSON.stringify(cells));
    if (at >= 0) gone.splice(at, 1);
    return at < 0;
  });
  const who = (cells: readonly (string | null)[]): string => JSON.stringify([cells[0], cells[2]]);
  const left = [...gone];
  const changed = come.filter((cells) => {
    const at = left.findIndex((each) => who(each) === who(cells));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  }).length;
  const [added, removed] = [come.length - changed, gone.length - changed];
  return { added, removed, changed, first: Math.min(most, added + removed + changed) };
}
