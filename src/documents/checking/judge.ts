import { checkFile } from '../checks/check.ts';
import type { HeldReason, RefusedReason, WaitingReason } from '../checks/finding.ts';
import type { FileKind } from '../kind.ts';
import type { Scan } from '../scanner/clamd.ts';
import type { CheckContext, Content } from './context.ts';

/** What is known of some bytes after all that could be done now. */
export type Judgement =
  | { readonly verdict: 'clean' | 'unscanned'; readonly reason: null; readonly mentionsCpr: boolean; readonly signatures: string | null }
  | { readonly verdict: 'refused'; readonly reason: RefusedReason; readonly mentionsCpr: boolean; readonly signatures: string | null; readonly signature?: string }
  | { readonly verdict: 'held'; readonly reason: HeldReason; readonly mentionsCpr: boolean; readonly signatures: string | null }
  | { readonly verdict: 'waiting'; readonly reason: WaitingReason };

/** Our own checks, then the scanner. What our checks cannot judge is scanned too, before a person decides about it. */
export async function judge(context: CheckContext, { sha256, kind }: Content): Promise<Judgement> {
  const { log, scanner } = context;
  return fromStore(context, sha256, async (place) => {
    const finding = await checkFile(place, kind as FileKind);
    const { mentionsCpr } = finding;
    if (finding.said) log('warn', 'file read with trouble', { sha256, kind, reason: finding.reason, said: finding.said });
    if (finding.verdict === 'refused') return { verdict: 'refused', reason: finding.reason as RefusedReason, mentionsCpr, signatures: null };
    const scanned = scanner && (await scan(context, sha256, place));
    if (scanned?.verdict === 'waiting') return { verdict: 'waiting', reason: scanned.reason };
    const signatures = scanned?.signatures ?? null;
    if (scanned?.verdict === 'refused') return { verdict: 'refused', reason: scanned.reason, mentionsCpr, signatures, signature: scanned.signature };
    if (finding.verdict === 'held') return { verdict: 'held', reason: finding.reason as HeldReason, mentionsCpr, signatures };
    return { verdict: scanned ? 'clean' : 'unscanned', reason: null, mentionsCpr, signatures };
  });
}

/** The scanner alone, for what has been judged before. */
export function judgeAnew(context: CheckContext, { sha256 }: Content): Promise<Scan> {
  return fromStore(context, sha256, (place) => scan(context, sha256, place));
}

async function scan({ scanner, log, stopping }: CheckContext, sha256: string, place: string): Promise<Scan> {
  if (!scanner) throw new Error('there is no scanner');
  const scanned = await scanner.scan(place, stopping);
  stopping.throwIfAborted();
  if (scanned.verdict === 'waiting') log('warn', 'file not scanned', { sha256, reason: scanned.reason, said: scanned.said });
  return scanned;
}

interface NotThere {
  readonly verdict: 'waiting';
  readonly reason: 'not-in-store';
  readonly said: string;
}

/** Anything that keeps the store from giving the bytes is a reason to wait; anything else that is thrown is a bug. */
async function fromStore<T>({ files, log }: CheckContext, sha256: string, use: (place: string) => Promise<T>): Promise<T | NotThere> {
  let isThere = false;
  try {
    if (!(await files.stat(sha256))) throw new Error('the store does not hold the file');
    return await files.local(sha256, (place) => {
      isThere = true;
      return use(place);
    });
  } catch (error) {
    if (isThere) throw error;
    log('error', 'file cannot be fetched from the store', { sha256, error });
    return { verdict: 'waiting', reason: 'not-in-store', said: String(error) };
  }
}
