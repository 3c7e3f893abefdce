import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { seal, unseal } from '../identity/sealed.ts';
import { hours } from '../platform/clock.ts';

const parcel = z.object({ path: z.string().startsWith('/'), fields: z.record(z.string(), z.string()), at: z.number() });
/** Fields as they travel: empty ones left out, the others packed, so that a sheet of 200 lines fits into one field of the log-in form. */
const packed = z.object({ path: z.string(), fields: z.base64(), at: z.number() });

/** A form that came after its session had ended. */
export type Interrupted = Omit<z.infer<typeof parcel>, 'at'>;

const purpose = 'interrupted-form';
const keptFor = hours(2);

export function sealInterrupted(secretKey: string, form: Interrupted): string {
  const written = Object.fromEntries(Object.entries(form.fields).filter(([, value]) => value !== ''));
  return seal(secretKey, purpose, { path: form.path, fields: deflateRawSync(JSON.stringify(written)).toString('base64'), at: Date.now() });
}

/** The form, or null when the parcel is not ours or too old. */
export function openInterrupted(secretKey: string, sealed: string): Interrupted | null {
  const sent = packed.safeParse(unseal(secretKey, purpose, sealed));
  if (!sent.success) return null;
  const opened = parcel.safeParse({ ...sent.data, fields: JSON.parse(inflateRawSync(Buffer.from(sent.data.fields, 'base64')).toString()) });
  if (!opened.success || Date.now() - opened.data.at > keptFor) return null;
  return { path: opened.data.path, fields: opened.data.fields };
}
