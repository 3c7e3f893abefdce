import { beforeAll, describe, expect, test } from 'vitest';
import { agreementContentSchema } from '../../src/agreements/content.ts';
import { type Typed, typedFrom } from '../../src/agreements/staff/form.ts';
import { knownFor } from '../../src/agreements/staff/queries.ts';
import { readTyped } from '../../src/agreements/staff/read.ts';
import { testApp } from '../support/database.ts';

let app: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  app = await testApp();
});

const right: Typed = {
  number: '2026-970',
  titleDa: 'Prøveaftale',
  kind: 'framework',
  kindOfContract: 'supplies',
  procedure: 'open',
  startsOn: '01-04-2026',
  endsOn: '31-03-2028',
  suppliers: '90000004; Klarvand Engros A/S; Køge\n\n90002740; Nordlys Rengøring A/S; Aarhus',
};
const faults = (changes: Typed) => readTyped({ ...right, ...changes }, null, null).faults.map(({ field, code, line }) => [field, code, ...(line ? [line] : [])]);

describe('the form of an agreement', () => {
  test('every agreement of the demonstration fills it, in both languages, and comes out as it was', async () => {
    const rows = await app.db.selectFrom('agreement_version').select('content').execute();
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows)
      for (const lang of ['da', 'en'] as const) {
        const content = agreementContentSchema.parse(row.content);
        expect(readTyped(typedFrom(content, lang), content, null)).toEqual({ content, faults: [] });
        // As a browser sends it.
        const sent = Object.fromEntries(Object.entries(typedFrom(content, lang)).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')]));
        expect(readTyped({ ...sent, requirements: content.requirements.join('\n') }, content, null)).toEqual({ content, faults: [] });
      }
  });

  test('shows days, amounts and names as Danes write them, and reads them also as machines do', () => {
    const { content } = readTyped(
      {
        ...right,
        startsOn: '2026-04-01',
        value: '3600000',
        options: '2029-03-31; 2027-10-01; brugt',
        notices: 'ted; 123-2026; https://ted.europa.eu/x\nother; 7; \nAndet; 8;',
        changes: '2026-05-01; § 183; Flere varer',
      },
      null,
      null,
    );
    if (!content) throw new Error('not read');
    const typed = typedFrom(content, 'da');
    expect(typed).toMatchObject({
      startsOn: '01-04-2026',
      endsOn: '31-03-2028',
      value: '3.600.000,00',
      options: '31-03-2029; 01-10-2027; brugt',
      changes: '01-05-2026; § 183; Flere varer',
    });
    expect(typed['notices']).toBe('TED; 123-2026; https://ted.europa.eu/x\nandet; 7; \nandet; 8; ');
    expect(typedFrom(content, 'en')['options']).toBe('31-03-2029; 01-10-2027; used');
    expect(readTyped(typed, content, null).content).toEqual(content);
  });

  test('names the line in which a list is wrong, blank lines counted, and each of them', () => {
    expect(faults({ suppliers: '90000004; Klarvand Engros A/S\n\n90000005; Nogen\nvrøvl\n90000004; Klarvand igen' })).toEqual([
      ['suppliers', 'cvr-check', 3],
      ['suppliers', 'supplier-line', 4],
      ['suppliers', 'supplier-twice', 5],
    ]);
    expect(faults({ options: '31-03-2029; 01-10-2027\nsnart; nu\n31-03-2028; 01-10-2027\n31-03-2029; 01-10-2028' })).toEqual([
      ['options', 'option-line', 2],
      ['options', 'option-before-end', 3],
      ['options', 'line-twice', 4],
    ]);
    expect(faults({ lots: '1; Nord; 90000004\n1; Syd; 90002740\n3; Vest; 11111111\n4; Øst; hvem' })).toEqual([
      ['lots', 'lot-supplier-unknown', 3],
      ['lots', 'lot-line', 4],
      ['lots', 'line-twice', 2],
    ]);
    expect(faults({ notices: 'TED; 1;\nted; 1; https://x.dk\nElsewhere; 2;\nTED; 3; x.dk', documents: 'Kun en titel', changes: '1-1-2026; § 178' })).toEqual([
      ['notices', 'notice-line', 3],
      ['notices', 'notice-line', 4],
      ['notices', 'line-twice', 2],
      ['documents', 'document-line', 1],
      ['changes', 'change-line', 1],
    ]);
  });

  test('compares the days also where something else is wrong, and names all that must be filled in', () => {
    expect(faults({ endsOn: '31-03-2025', value: 'mange' })).toEqual([
      ['endsOn', 'ends-before-start'],
      ['value', 'amount-wrong'],
    ]);
    expect(readTyped({}, null, null).faults.map(({ field, code }) => [field, code])).toEqual(
      ['number', 'titleDa', 'kind', 'kindOfContract', 'procedure', 'startsOn', 'endsOn', 'suppliers'].map((field) => [field, 'required']),
    );
  });

  test('takes no code, place or earlier agreement that does not exist', async () => {
    const wrongIn = async (changes: Typed) =>
      readTyped({ ...right, ...changes }, null, await knownFor(app.db, { ...right, ...changes })).faults.map(({ field, code, found }) =>
        [field, code, found].filter(Boolean).join(' '),
      );
    expect(await wrongIn({ cpv: '12345678', nuts: 'DK999', predecessor: '2001-001', value: 'mange' })).toEqual([
      'cpv cpv-unknown 12345678',
      'nuts nuts-unknown',
      'value amount-wrong',
      'predecessor predecessor-unknown',
    ]);
    expect(await wrongIn({ cpv: '33760000-5', nuts: 'dk012', predecessor: ' 2024-031 ' })).toEqual([]);
    expect(await wrongIn({ predecessor: '2026-970' })).toEqual(['predecessor predecessor-itself']);
    for (const nuts of ['DK', 'DK01', 'DK050']) expect([nuts, await wrongIn({ nuts })]).toEqual([nuts, []]);
    for (const nuts of ['SE224', 'DK06', 'DK0123', 'DK015', 'Sjælland']) expect([nuts, await wrongIn({ nuts })]).toEqual([nuts, ['nuts nuts-unknown']]);
    // With the table of codes it is what that says.
    const { db } = app.database.owner;
    await db.insertInto('cpv_code').values({ code: '12345678', check_digit: '9', title_da: 'x', title_en: 'x' }).execute();
    expect(await wrongIn({ cpv: '12345678' })).toEqual([]);
    expect(await wrongIn({ cpv: '12345678, 33760000' })).toEqual(['cpv cpv-unknown 33760000']);
    await db.deleteFrom('cpv_code').execute();
  });
});
