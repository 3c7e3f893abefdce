import fs from 'node:fs';
import type { FileKind } from '../kind.ts';
import { type Finding, foundClean, foundUnfit, Unfit } from './finding.ts';

/** The process in which strangers' files are read. It gets an order as its argument, answers on standard output, and ends. */
export interface Order {
  /** structure: may it be opened; text: what its words say (PDF only; for the others structure tells it too); picture: its first page as PNG. */
  readonly task: 'structure' | 'text' | 'picture';
  readonly place: string;
  readonly kind: FileKind;
}

// The parent holds the other end of standard input for as long as it lives.
process.stdin.on('end', () => process.exit(1)).resume();

const order = JSON.parse(process.argv[2] ?? '') as Order;
process.stdout.write(await answerTo(order), () => process.stdin.destroy());

// Each parser is loaded where it is needed: starting is most of what a small file costs.
async function answerTo({ task, place, kind }: Order): Promise<Buffer | string> {
  if (task === 'picture') return (await import('./preview/picture.ts')).pictureOf(place, kind);
  return JSON.stringify(await finding(task === 'text' ? async () => (await import('./parsers/pdf-text.ts')).checkPdfText(place) : () => checkStructure(place, kind)));
}

async function finding(check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof Unfit) return foundUnfit(error.reason, error.cause instanceof Error ? error.cause.message.slice(0, 500) : undefined);
    throw error;
  }
}

async function checkStructure(place: string, kind: FileKind): Promise<Finding> {
  switch (kind) {
    case 'docx':
    case 'xlsx':
      return (await import('./parsers/office.ts')).checkOffice(place, kind);
    case 'csv':
    case 'txt':
      return (await import('./parsers/plain-text.ts')).checkPlainText(place);
    case 'xml':
      return (await import('./parsers/plain-text.ts')).checkXml(place);
    case 'pdf':
      await (await import('./parsers/pdf-structure.ts')).checkPdfStructure(fs.openSync(place, 'r'), place);
      return foundClean(false);
    default:
      (await import('./parsers/pictures.ts')).checkPicture(kind, fs.openSync(place, 'r'));
      return foundClean(false);
  }
}
