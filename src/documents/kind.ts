/** Kinds of file that the portal takes. Everything else is refused, by name and by content. */
export const kinds = {
  pdf: { label: 'PDF', mediaType: 'application/pdf', extensions: ['pdf'] },
  docx: { label: 'Word (.docx)', mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', extensions: ['docx'] },
  xlsx: { label: 'Excel (.xlsx)', mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', extensions: ['xlsx'] },
  csv: { label: 'CSV', mediaType: 'text/csv', extensions: ['csv'] },
  xml: { label: 'XML', mediaType: 'application/xml', extensions: ['xml'] },
  png: { label: 'PNG', mediaType: 'image/png', extensions: ['png'] },
  jpg: { label: 'JPEG', mediaType: 'image/jpeg', extensions: ['jpg', 'jpeg'] },
  heic: { label: 'HEIC', mediaType: 'image/heic', extensions: ['heic'] },
  txt: { label: 'TXT', mediaType: 'text/plain; charset=utf-8', extensions: ['txt'] },
} as const;

export type FileKind = keyof typeof kinds;

/** Why a file that was sent cannot be used. */
export type UploadFault = 'file-empty' | 'file-too-large' | 'file-wrong-kind' | 'file-wrong-content' | 'too-many-files';

const pngStart = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const jpegStart = Buffer.from([0xff, 0xd8, 0xff]);
/** Brands of still pictures in the container that heic shares with films. */
const heicBrands = ['heic', 'heix', 'mif1', 'msf1'];
const startsWith = (head: Buffer, start: Buffer): boolean => head.subarray(0, start.length).equals(start);

const contentFits: Record<FileKind, (head: Buffer) => boolean> = {
  pdf: (head) => startsWith(head, Buffer.from('%PDF-')),
  docx: (head) => startsWith(head, Buffer.from('PK\x03\x04')),
  xlsx: (head) => startsWith(head, Buffer.from('PK\x03\x04')),
  csv: (head) => !head.includes(0),
  // Any spelling: what reads it tells what is wrong.
  xml: () => true,
  png: (head) => startsWith(head, pngStart),
  jpg: (head) => startsWith(head, jpegStart),
  heic: (head) => head.toString('latin1', 4, 8) === 'ftyp' && heicBrands.includes(head.toString('latin1', 8, 12)),
  txt: (head) => !head.includes(0),
};

/** The kind that a name promises by its ending, or null. */
export function kindOfName(name: string): FileKind | null {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  for (const [kind, { extensions }] of Object.entries(kinds)) if ((extensions as readonly string[]).includes(ending)) return kind as FileKind;
  return null;
}

/** Whether the first bytes are what the kind begins with. */
export function contentIs(kind: FileKind, head: Buffer): boolean {
  return contentFits[kind](head);
}

/**
 * The name under which a file is shown and downloaded: the last part of what the browser sent, without control
 * characters and direction marks, cut in the middle to 150 characters so that the ending stays.
 */
export function tidyName(sent: string): string {
  const last = sent.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (clean === '' || /^\.+$/.test(clean)) return 'fil';
  const letters = [...clean];
  return letters.length <= 150 ? clean : `${letters.slice(0, 120).join('')}…${letters.slice(-29).join('')}`;
}

/** The Content-Disposition of a download (RFC 6266, RFC 8187): an ASCII fallback and the true name. */
export function attachmentHeader(name: string): string {
  const plain =
    name
      .normalize('NFKD')
      .replace(/[^\x20-\x7e]/g, '')
      .replace(/["\\%;]/g, '_') || 'fil';
  const exact = encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
