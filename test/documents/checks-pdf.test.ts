import { describe, expect, test } from 'vitest';
import { examplePdf } from '../../db/seed/example-file.ts';
import { check, mostMemory, outcome } from './checking.ts';
import { catalog, deflatedBomb, encryptedPdf, onePage, packedPdf, pdf, stream, textPdf } from './made-pdf.ts';

const script = '<< /S /JavaScript /JS (app.alert\\(1\\)) >>';
const onLink = (action: string): Record<number, string | Buffer> => ({ 1: catalog(), ...onePage(`/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A ${action} >>]`) });
const embedded = {
  ...onePage(),
  4: '<< /Type /Filespec /F (faktura.xml) /EF << /F 5 0 R >> >>',
  5: stream('', Buffer.from('<a/>')),
};
const eocd = Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1');

describe.concurrent('a PDF that can act is refused, however it spells or packs what it does', () => {
  test.for<[string, string, Buffer]>([
    ['JavaScript when it is opened', 'pdf-script', pdf({ 1: catalog(`/OpenAction ${script}`), ...onePage() })],
    ['JavaScript among its names', 'pdf-script', pdf({ 1: catalog(`/Names << /JavaScript << /Names [(a) ${script}] >> >>`), ...onePage() })],
    ['JavaScript with its names escaped', 'pdf-script', pdf({ 1: catalog('/OpenAction << /S /J#61vaScript /#4aS (1) >>'), ...onePage() })],
    ['JavaScript in an object stream', 'pdf-script', packedPdf({ 1: catalog('/OpenAction 4 0 R'), ...onePage() }, { 4: script })],
    ['JavaScript under an owner’s password', 'pdf-script', encryptedPdf({ 1: catalog(`/OpenAction ${script}`) }, { owner: 'ejer', user: '' })],
    [
      'JavaScript in an object that the table leaves out',
      'pdf-script',
      Buffer.concat([Buffer.from(`%PDF-1.7\n7 0 obj\n${script}\nendobj\n`), pdf({ 1: catalog(), ...onePage() }, { before: '' })]),
    ],
    ['JavaScript of a link', 'pdf-script', pdf(onLink(script))],
    ['a program that is started', 'pdf-action', pdf(onLink('<< /S /Launch /F (cmd.exe) >>'))],
    ['a form that is sent', 'pdf-action', pdf(onLink('<< /S /SubmitForm /F (https://example.dk) >>'))],
    ['data that are fetched', 'pdf-action', pdf(onLink('<< /S /ImportData /F (data.fdf) >>'))],
    ['a jump into a file elsewhere', 'pdf-action', pdf(onLink('<< /S /GoToR /F (\\\\\\\\example.dk\\\\a.pdf) /D [0 /Fit] >>'))],
    ['a file inside', 'pdf-attachment', pdf({ 1: catalog('/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >>'), ...embedded })],
    ['a file that says what it is', 'pdf-attachment', pdf({ 1: catalog(), ...onePage(), 4: stream('/Type /EmbeddedFile', Buffer.from('MZ')) })],
    ['a form of the XFA kind', 'pdf-form', pdf({ 1: catalog('/AcroForm << /XFA 4 0 R /Fields [] >>'), ...onePage(), 4: stream('', Buffer.from('<xdp/>')) })],
    ['a film', 'pdf-media', pdf({ 1: catalog(), ...onePage('/Annots [<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] >>]') })],
    ['a user’s password', 'password', encryptedPdf({ 1: catalog() }, { owner: 'ejer', user: 'hemmelig' })],
    ['a zip file hung onto it', 'hidden-content', Buffer.concat([pdf({ 1: catalog(), ...onePage() }), eocd])],
  ])('%s', async ([, reason, bytes], { expect: expects }) => {
    expects(await check('pdf', bytes)).toMatchObject({ verdict: 'refused', reason });
  });
});

describe.concurrent('what cannot be judged goes to a person, and what nobody can read comes back', () => {
  const whole = textPdf(['Hej']);
  test.for<[string, string, Buffer]>([
    ['cut off in the middle', 'pdf-damaged', whole.subarray(0, whole.length / 2)],
    ['without its table', 'pdf-damaged', Buffer.from(whole.toString('latin1').replace('startxref', 'startxfer'), 'latin1')],
    ['arrays within arrays without end', 'pdf-damaged', pdf({ 1: catalog(`/X ${'['.repeat(200_000)}${']'.repeat(200_000)}`), ...onePage() })],
    ['a length that is itself', 'pdf-damaged', pdf({ 1: catalog(), ...onePage(), 4: '<< /Length 4 0 R >>\nstream\nabc\nendstream' })],
    ['pages that are their own', 'text-not-read', pdf({ 1: catalog(), 2: '<< /Type /Pages /Kids [2 0 R] /Count 1 >>' })],
  ])('%s', async ([, reason, bytes], { expect: expects }) => {
    expects(await check('pdf', bytes)).toMatchObject({ verdict: 'held', reason });
  });

  test('a PDF by name alone', async ({ expect: expects }) => {
    expects(await check('pdf', '%PDF-1.4 prøve')).toMatchObject({ verdict: 'refused', reason: 'unreadable' });
  });
});

describe('a small PDF that unpacks to 300 MB is refused within 300 MB', () => {
  test.each([
    ['as a packed object', packedPdf(onePage(), { 1: catalog() }, { pack: deflatedBomb })],
    [
      'as a page',
      (() => {
        const { filter, data } = deflatedBomb(Buffer.from('BT ET '));
        return pdf({ 1: catalog(), ...onePage('/Contents 4 0 R'), 4: stream(filter, data) });
      })(),
    ],
  ])('%s', async (_name, bytes) => {
    expect(bytes.length).toBeLessThan(3_000);
    const { result, mostMb } = await mostMemory(() => outcome('pdf', bytes));
    expect(result).toBe('too-heavy');
    expect(mostMb).toBeGreaterThan(50);
    expect(mostMb).toBeLessThan(300);
    console.log(`bomb: at most ${Math.round(mostMb)} MB`);
  });
});

describe.concurrent('an honest PDF passes', () => {
  test.for<[string, Buffer]>([
    ['one of the demonstration', examplePdf(['Eksempel', 'Certifikat'])],
    ['with links, bookmarks and a name that only sounds bad', textPdf(['Brug ikke /JavaScript.'], '/PageMode /UseOutlines /Lang (da) /JSON 5')],
    ['with an empty list of files', pdf({ 1: catalog('/Names << /EmbeddedFiles << /Names [] >> >>'), ...onePage() })],
    ['with a link to a page on the web', pdf(onLink('<< /S /URI /URI (https://example.dk) >>'))],
    ['packed as programs do today', packedPdf(onePage(), { 1: catalog() })],
    ['that only an owner’s password protects', encryptedPdf({ 1: catalog() }, { owner: 'ejer', user: '' })],
    [
      'of twenty thousand objects',
      pdf({ 1: catalog(), ...onePage(), ...Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [index + 10, '<< /Type /StructElem /S /P >>'])) }),
    ],
  ])('%s', async ([, bytes], { expect: expects }) => {
    expects(await check('pdf', bytes)).toEqual({ verdict: 'clean', reason: null, mentionsCpr: false });
  });
});
