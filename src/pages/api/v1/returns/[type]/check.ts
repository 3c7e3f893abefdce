import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { APIContext } from 'astro';
import { checkableTypes, contextFor, fileAt, mayCheck, refusalOf } from '../../../../../forms/supplier/check-file.ts';
import { readAsked } from '../../../../../returns/asked.ts';
import { checkFile } from '../../../../../returns/check.ts';
import { reportForMachines } from '../../../../../returns/programs/report.ts';
import { checkMessages } from '../../../../../returns/words/page.ts';
import { BrokenForm, readForm, TooLarge } from '../../../../../web/form.ts';
import { machine, problem } from '../../../../../web/machine.ts';
import { type Passing, passing } from '../../../../../web/passing.ts';

const mostFindings = 10_000;

/** Checks a return that is posted as CSV or XLSX, as the body itself or as the file of a form. Nothing is kept. */
export const ALL = machine(
  async (context) => {
    const { locals, params, url } = context;
    const { app } = locals;
    const found = checkableTypes(app).find(({ type }) => type.id === params['type']);
    if (!found) return problem(context, 'not-found');
    const typed = { supplier: url.searchParams.get('supplier'), agreement: url.searchParams.get('agreement'), period: url.searchParams.get('period') };
    const { asked, faults } = readAsked(typed);
    const { da, en } = checkMessages;
    const words = { supplier: 'badSupplier', agreement: 'badAgreement', period: 'badPeriod' } as const;
    if (faults.length > 0) {
      const errors = faults.map((name) => ({
        code: `bad-${name}`,
        parameter: name,
        found: (typed[name] ?? '').slice(0, 200),
        message_da: da[words[name]],
        message_en: en[words[name]],
      }));
      return problem(context, 'bad-parameter', errors);
    }
    if (!(await mayCheck(locals))) return problem(context, 'too-many', [], { 'retry-after': '900' });
    const place = await passing();
    if (!place) return problem(context, 'unavailable', [], { 'retry-after': '30' });
    try {
      const sha256 = await received(context, place, app.config.maxFileBytes);
      if (sha256 === 'too-large') return problem(context, 'too-large');
      if (sha256 === null) return problem(context, 'unreadable-file');
      return await place.files.local(sha256, async (path) => {
        const file = await fileAt(path);
        try {
          const report = await checkFile(file, await contextFor(app, found.table, asked), mostFindings);
          return new Response(JSON.stringify(reportForMachines(found.type.id, asked, report)), { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } });
        } catch (error) {
          const [danish, english] = [refusalOf(error, file.kind, 'da'), refusalOf(error, file.kind, 'en')];
          if (!danish || !english) throw error;
          return problem(context, 'unreadable-file', [
            { code: danish.code, ...(danish.line !== null && { row: danish.line }), message_da: danish.message, message_en: english.message },
          ]);
        }
      });
    } finally {
      await place.forget();
    }
  },
  ['POST'],
);

/** The file's checksum; null when there is no file, or not the whole of it. */
async function received({ request }: APIContext, { files }: Passing, limitBytes: number): Promise<string | 'too-large' | null> {
  try {
    if (!request.headers.get('content-type')?.startsWith('multipart/form-data')) {
      const stored = request.body && (await files.receive(Readable.fromWeb(request.body as ReadableStream), limitBytes));
      return stored === 'too-large' ? stored : (stored?.sha256 ?? null);
    }
    const { uploads } = await readForm(request, { files, limitBytes, kinds: ['csv', 'xlsx'], unseen: true });
    const [upload] = uploads;
    if (!upload || uploads.length > 1) return null;
    return 'sha256' in upload ? upload.sha256 : upload.fault === 'file-too-large' ? 'too-large' : null;
  } catch (error) {
    if (error instanceof TooLarge) return 'too-large';
    if (error instanceof BrokenForm || (error as NodeJS.ErrnoException).code === 'ECONNRESET') return null;
    throw error;
  }
}
