import { describe, expect, test } from 'vitest';
import { likenessToCertificate } from '../../src/documents/checks/words/certificate.ts';
import { cprSearch, mentionsCpr, nameMentionsCpr } from '../../src/documents/checks/words/cpr.ts';
import { check, outcome } from './checking.ts';
import { textPdf } from './made-pdf.ts';
import { docxParts, xlsxParts, zip } from './made-zip.ts';

describe('a CPR number is noticed', () => {
  test.each([
    'Medarbejder 010190-1234',
    'CPR: 010190 - 1234',
    'født 290200-4321 i Taastrup',
    'løn_311299-1111.pdf',
    'cpr-nr. 0101901234',
    'CPR-nummer: 010190 1234',
    'Personnummer 0101901234',
    '010190\u20111234',
    '(150745-3333)',
  ])('%s', (text) => {
    expect(mentionsCpr(text)).toBe(true);
  });

  test('ten digits each in a column that is called CPR', () => {
    expect(mentionsCpr('navn;cpr;timer\nAnna;0707610018;37\nBo;1111780001;37\nCarl;0101014002;30\n')).toBe(true);
    expect(mentionsCpr('navn;ordre;timer\nAnna;0707610018;37\nBo;1111780001;37\nCarl;0101014002;30\n')).toBe(false);
  });

  test('also where a text comes in pieces', () => {
    for (const cut of [1, 3, 6, 7, 9]) {
      const search = cprSearch();
      search.add(`${'x '.repeat(500)}${'010190-1234'.slice(0, cut)}`);
      search.add(`${'010190-1234'.slice(cut)} y`);
      expect(search.found).toBe(true);
    }
  });
});

describe('what is no CPR number is left alone', () => {
  test.each([
    'CVR 12345678',
    'CVR-nr. 10 10 10 10 og P-nr. 1010101010',
    'EAN 5798000420526',
    'tlf. 43 59 10 00, +45 43591000',
    'konto 1234-0101901234',
    'ordre 0101901234',
    '310290-1234 er ingen dag',
    '321390-1234',
    '010165-7123 ville være født i 1865',
    '010190-12345',
    '1010190-1234',
    '01-01-1990 til 31-12-2026',
    '010126-311226',
    'DK5000400440116243',
    '123456-7890',
    'Skriv ikke CPR-numre her. Ring på 43591000.',
    'ISBN 978-87-010190-1234-5',
  ])('%s', (text) => {
    expect(mentionsCpr(text)).toBe(false);
  });
});

describe('the name of a file', () => {
  test.each(['010190-1234 police.pdf', 'police-010190-1234.pdf', 'løn_311299_1111.pdf', 'police 010190 - 1234.pdf', '0101901234.pdf', 'cpr0101901234.pdf'])(
    '%s is noticed',
    (name) => {
      expect(nameMentionsCpr(name)).toBe(true);
    },
  );
  test.each(['police 2027.pdf', '5798000420526.csv', '3102990123.pdf', '310290-1234.pdf', '20261128-103045.jpg', 'IMG_20261128_1030.jpg', '43591000.pdf', '2026-11-28 salg.csv'])(
    '%s is left alone',
    (name) => {
      expect(nameMentionsCpr(name)).toBe(false);
    },
  );
});

const childCertificate = [
  'Rigspolitiet',
  'Kriminalregisteret',
  'BØRNEATTEST',
  'Vedrørende: Anna Eksempel, 010190-1234',
  'Der er ingen oplysninger i Kriminalregisteret om overtrædelse af straffelovens § 222.',
  'Udstedt den 3. november 2026',
];

describe('a certificate that nobody may send us is told from a text about it', () => {
  const judge = (text: string): string => likenessToCertificate(text, text.length, mentionsCpr(text));

  test.each([
    ['a child protection certificate', childCertificate.join('\n'), 'yes'],
    ['a private criminal record', 'Privat straffeattest\nRigspolitiet\nAnna Eksempel er ikke registreret.', 'yes'],
    ['a public criminal record', 'OFFENTLIG STRAFFEATTEST\nKriminalregistret\nIngen afgørelser at oplyse.', 'yes'],
    ['an English one', 'Criminal Record Certificate\nThe Danish National Police\nNo convictions are registered.', 'yes'],
    ['one that confirms', 'Straffeattest\nRigspolitiet\nDet bekræftes, at der ikke er registreret oplysninger i Kriminalregisteret om Anna Eksempel.', 'yes'],
    ['one that declares', 'Criminal Record Certificate\nThe National Police hereby declares and confirms that no convictions are registered.', 'yes'],
    ['a child one that confirms', 'Børneattest\nTil bekræftelse. Kriminalregisteret har ingen oplysninger om Anna Eksempel, 010190-1234.', 'yes'],
    ['one of a police district', 'Københavns Politikreds\nStraffeattest\nKriminalregisteret: der er ikke registreret noget.', 'yes'],
    ['one with a declaration written on top', 'Vi erklærer, at attesten er indhentet.\nStraffeattest\nKriminalregisteret: ingen oplysninger om Anna, 010190-1234', 'perhaps'],
    [
      'a declaration with the register',
      'Erklæring\nVi bekræfter, at der er indhentet straffeattest fra Kriminalregisteret på alle, og at der ikke er registreret forhold af betydning.',
      'no',
    ],
    ['a declaration in English', 'We confirm that a criminal record certificate was obtained from the National Police for each employee, with no entries.', 'no'],
    [
      'a declaration that tells who has seen them',
      'Erklæring\nStraffeattest er forevist for alle medarbejdere. Det erklærer direktøren. Kriminalregisteret har ikke noteret noget.',
      'no',
    ],
    ['one without its issuer', 'Straffeattest\nAnna Eksempel, 010190-1234', 'perhaps'],
    ['the declaration that we ask for', 'Erklæring om børneattester\nVi erklærer, at der er indhentet børneattest på alle medarbejdere. Ingen attester er vedlagt.', 'no'],
    ['a policy', 'Politik for rekruttering\nAlle skal vise en straffeattest fra Kriminalregisteret, og ingen oplysninger gemmes.', 'no'],
    ['a long contract that speaks of them', `Kontrakt\nLeverandøren indhenter børneattest. ${'Anden tekst. '.repeat(800)}`, 'no'],
    ['a list', 'Medarbejder;Børneattest indhentet\nAnna;ja\nBo;ja', 'no'],
    ['a service certificate', 'Serviceattest\nErhvervsstyrelsen\nIngen gæld er registreret.', 'no'],
    ['a certificate of registration', 'Registreringsattest\nMotorregisteret', 'no'],
  ])('%s', (_name, text, expected) => {
    expect(judge(text)).toBe(expected);
  });
});

describe('the words are found in every kind of file that has text', () => {
  const body = 'Anna Eksempel 010190-1234';
  const split = zip(
    docxParts(
      [],
      [
        {
          name: 'word/document.xml',
          data: '<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>0101</w:t></w:r><w:r><w:t>90</w:t><w:noBreakHyphen/><w:t>1234</w:t></w:r></w:p></w:body></w:document>',
        },
      ],
    ),
  );
  test.each([
    ['PDF', 'pdf', textPdf(['Løn', body])],
    ['Word', 'docx', zip(docxParts(['Løn', body]))],
    ['Word, the number cut in pieces', 'docx', split],
    ['Excel', 'xlsx', zip(xlsxParts(['Løn', body]))],
    ['CSV', 'csv', `navn;nummer\r\n${body}\r\n`],
    ['text in Windows-1252', 'txt', Buffer.from(`Løn: ${body}`, 'latin1')],
  ] as const)('a CPR number in %s is warned about, not refused', async (_name, kind, bytes) => {
    expect(await check(kind, bytes)).toMatchObject({ verdict: 'clean', mentionsCpr: true });
  });

  test.each([
    ['PDF', 'pdf', textPdf(childCertificate)],
    ['Word', 'docx', zip(docxParts(childCertificate))],
    ['text', 'txt', childCertificate.join('\n')],
  ] as const)('a certificate in %s is refused', async (_name, kind, bytes) => {
    expect(await check(kind, bytes)).toMatchObject({ verdict: 'refused', reason: 'record-certificate', mentionsCpr: true });
  });

  test('what may be a certificate goes to a person', async () => {
    expect(await check('txt', 'Straffeattest\nAnna Eksempel, 010190-1234')).toMatchObject({ verdict: 'held', reason: 'perhaps-record-certificate' });
  });

  test('text is text: other kinds and other alphabets of bytes are refused', async () => {
    for (const [kind, bytes] of [
      ['txt', 'Hej æøå'],
      ['txt', Buffer.from('Hej æøå', 'latin1')],
      ['csv', 'a;b\n1;2\n'],
    ] as const)
      expect(await outcome(kind, bytes)).toBe('clean');
    for (const bytes of ['a\0b', '<html><script>1</script>', '  <!DOCTYPE html>', '%PDF-1.7', '{\\rtf1}', Buffer.from([0xe6, 0x81, 0xf8]), '\ufeffa'.repeat(1)])
      expect(await outcome('txt', typeof bytes === 'string' && bytes.startsWith('\ufeff') ? Buffer.from(bytes, 'utf16le') : bytes)).toBe('not-the-kind');
    expect(await outcome('xml', '<a>b</a>')).toBe('clean');
    expect(await outcome('xml', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).toBe('xml-entities');
    expect(await outcome('xml', '<a>')).toBe('unreadable');
  });
});
