import type { Receipt } from './verify.ts';

/** A receipt as it is kept: the text that was signed, and the signature. */
export interface KeptReceipt {
  readonly body: string;
  readonly signature: Buffer;
}

/** The receipt as the file that people get: the same bytes each time. */
export function receiptFile({ body, signature }: KeptReceipt): string {
  return `${JSON.stringify({ ...(JSON.parse(body) as Receipt), signature: signature.toString('hex') }, null, 2)}\n`;
}
