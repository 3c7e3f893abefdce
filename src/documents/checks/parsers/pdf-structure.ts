import fs from 'node:fs';
import { type RefusedReason, tooMuch, Unfit } from '../finding.ts';
import { archiveAtEnd, readAt } from './bytes.ts';

/** Names with which a PDF does something, or carries something, that a document to read has no need of (ISO 32000-2, 12.6.4 and 7.11.4). */
const forbidden: Readonly<Record<string, RefusedReason>> = {
  '/JavaScript': 'pdf-script',
  '/JS': 'pdf-script',
  '/Launch': 'pdf-action',
  '/SubmitForm': 'pdf-action',
  '/ImportData': 'pdf-action',
  '/GoToR': 'pdf-action',
  '/GoToE': 'pdf-action',
  '/EmbeddedFile': 'pdf-attachment',
  '/EF': 'pdf-attachment',
  '/XFA': 'pdf-form',
  '/RichMedia': 'pdf-media',
  '/Rendition': 'pdf-media',
  '/Movie': 'pdf-media',
  '/3D': 'pdf-media',
};

/** A name as key or as value in a line of qpdf's JSON; strings begin with u: or b: and are never taken for one. */
const nameInLine = /"(\/[^"]*)"/g;
const longestLine = 1_000_000;

/**
 * Throws Unfit when a PDF acts, carries other files, has a password or is not sound. qpdf, as WebAssembly, writes every object out as
 * JSON, names decoded, object streams unpacked, what only an owner's password protects decrypted; a second look at the plain bytes
 * finds what the table of objects leaves out.
 */
export async function checkPdfStructure(file: number, place: string): Promise<void> {
  const sizeBytes = fs.fstatSync(file).size;
  const { code, said, found } = await listObjects(place);
  if (found) throw new Unfit(found);
  if (/invalid password|encrypt/i.test(said)) throw new Unfit('password');
  if (/bad_alloc|out of memory/i.test(said)) throw new Unfit(tooMuch(sizeBytes, 'took-too-much-memory'), { cause: new Error(said) });
  const plain = lookAtPlainBytes(file, sizeBytes);
  if (plain.found) throw new Unfit(plain.found);
  if (code !== 0) throw new Unfit(plain.hasObjects ? 'pdf-damaged' : 'unreadable', { cause: new Error(said) });
  if (archiveAtEnd(file, sizeBytes)) throw new Unfit('hidden-content');
}

interface Listing {
  /** 0 when qpdf read all of it without a complaint. */
  readonly code: number;
  readonly said: string;
  readonly found: RefusedReason | undefined;
}

async function listObjects(place: string): Promise<Listing> {
  let said = '';
  let found: RefusedReason | undefined;
  const line = Buffer.alloc(longestLine);
  let length = 0;
  const write = (byte: number): void => {
    if (byte !== 10) {
      if (length < longestLine) line[length++] = byte;
      return;
    }
    for (const [, name = ''] of line.toString('latin1', 0, length).matchAll(nameInLine)) found ??= forbidden[name];
    length = 0;
  };
  // The only thing that its file system asks Node for from inside; the permission model has taken it away.
  Object.assign(process, { binding: () => ({ fs: fs.constants }) });
  const { default: load } = await import('@neslinesli93/qpdf-wasm');
  const qpdf = await (load as unknown as LoadQpdf)({
    preRun: [
      (loading) =>
        loading.FS.init(
          () => null,
          write,
          (byte) => {
            if (said.length < 2_000) said += String.fromCharCode(byte);
          },
        ),
    ],
  });
  qpdf.FS.mkdir('/file');
  qpdf.FS.mount(qpdf.NODEFS, { root: place }, '/file');
  const code = qpdf.callMain(['--json=2', '--json-key=qpdf', '--json-stream-data=none', '/file']);
  process.exitCode = 0;
  return { code, said, found };
}

/** What the package's own types leave out. */
interface Qpdf {
  readonly FS: {
    init(input: () => number | null, output: (byte: number) => void, error: (byte: number) => void): void;
    mkdir(path: string): void;
    mount(type: unknown, options: { readonly root: string }, path: string): void;
  };
  readonly NODEFS: unknown;
  callMain(args: string[]): number;
}
type LoadQpdf = (options: { readonly preRun: readonly ((loading: Qpdf) => void)[] }) => Promise<Qpdf>;

/** Names long enough never to stand in packed bytes by chance. */
const plainName = /\/((?:[A-Za-z]|#[0-9A-Fa-f]{2}){6,60})(?=[\s()<>[\]{}/%]|$)/g;
const objectStart = /\d\s+\d+\s+obj\b/;
const pieceBytes = 1 << 20;

/** The forbidden names in the bytes as they lie, also in objects that nothing points to any more. */
function lookAtPlainBytes(file: number, sizeBytes: number): { found: RefusedReason | undefined; hasObjects: boolean } {
  let found: RefusedReason | undefined;
  let hasObjects = false;
  for (let at = 0; at < sizeBytes; at += pieceBytes) {
    // A name may lie across two pieces.
    const text = readAt(file, at, Math.min(pieceBytes + 200, sizeBytes - at)).toString('latin1');
    hasObjects ||= objectStart.test(text);
    for (const [, escaped = ''] of text.matchAll(plainName)) {
      const name = escaped.replace(/#([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
      if (name.length >= 6) found ??= forbidden[`/${name}`];
    }
  }
  return { found, hasObjects };
}
