import fs from 'node:fs/promises';
import type { FileKind } from '../kind.ts';
import type { Order } from './child.ts';
import { type Finding, foundUnfit, tooMuch } from './finding.ts';
import { type RunLimits, runConfined, usualLimits } from './run.ts';

/** pdfium holds the whole file, so what we can read grows with what we spend. */
const largestTextMb = 100;

/**
 * What our own checks say of the file at `place`, each parser in a process of its own with little memory and time, and no network where the
 * system can take it away. Whatever stops such a process never makes a file clean. Rejects when the file is not there.
 */
export async function checkFile(place: string, kind: FileKind, limits: Partial<RunLimits> = {}): Promise<Finding> {
  const file = await fs.realpath(place);
  const structure = await ask({ task: 'structure', place: file, kind }, { ...usualLimits, ...limits });
  if (structure.verdict !== 'clean' || kind !== 'pdf') return structure;
  return ask({ task: 'text', place: file, kind }, { ...usualLimits, ...limits });
}

async function ask(order: Order, limits: RunLimits): Promise<Finding> {
  const { size } = await fs.stat(order.place);
  const sizeMb = Math.ceil(size / 2 ** 20);
  if (order.task === 'text' && sizeMb > largestTextMb) return foundUnfit('too-large-to-read');
  const { output, failure, said } = await runConfined(order, order.task === 'text' ? { ...limits, wasmMb: limits.wasmMb + sizeMb } : limits);
  switch (failure) {
    case null:
      return findingIn(output) ?? foundUnfit('check-failed', said);
    case 'used-up':
      return foundUnfit(tooMuch(size, 'took-too-long'), said);
    case 'full':
      return foundUnfit(tooMuch(size, 'took-too-much-memory'), said);
    // It may be the machine's fault: nobody is blamed.
    case 'hung':
      return foundUnfit('took-too-long', said);
    case 'stopped':
      return foundUnfit('check-failed', said);
  }
}

/** Null when the process ended without a whole answer. */
function findingIn(output: Buffer): Finding | null {
  try {
    const finding = JSON.parse(output.toString()) as Finding;
    return ['clean', 'refused', 'held'].includes(finding.verdict) ? finding : null;
  } catch {
    return null;
  }
}
