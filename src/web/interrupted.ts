import { z } from 'zod';
import { seal, unseal } from '../identity/sealed.ts';
import { hours } from '../platform/clock.ts';

const parcel = z.object({ path: z.string().startsWith('/'), fields: z.record(z.string(), z.string()), at: z.number() });

/** A form that came after its session had ended. */
export type Interrupted = Omit<z.infer<typeof parcel>, 'at'>;

const purpose = 'interrupted-form';
const keptFor = hours(2);

export function sealInterrupted(secretKey: string, form: Interrupted): string {
  return seal(secretKey, purpose, { ...form, at: Date.now() });
}

/** The form, or null when the parcel is not ours or too old. */
export function openInterrupted(secretKey: string, sealed: string): Interrupted | null {
  const opened = parcel.safeParse(unseal(secretKey, purpose, sealed));
  if (!opened.success || Date.now() - opened.data.at > keptFor) return null;
  return { path: opened.data.path, fields: opened.data.fields };
}
