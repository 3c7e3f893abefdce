import { z } from 'zod';
import { contrast } from './contrast.ts';

export const both = z.strictObject({ da: z.string().min(1), en: z.string().min(1) });

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #0e5a4f');
/** The colours behind text in light and dark, as in ui/styles/tokens.css. */
const grounds = { light: '#fdfcf9', dark: '#1c2324' };

/** content/municipality/municipality.yaml. */
export const municipalitySchema = z.strictObject({
  name: both,
  shortName: z.string().min(2),
  cvr: z.string().regex(/^\d{8}$/),
  team: both,
  department: both,
  address: z.strictObject({ street: z.string(), postcode: z.string().regex(/^\d{4}$/), city: z.string() }),
  phone: z.string(),
  email: z.email(),
  nuts: z.string().regex(/^DK\d{3}$/),
  tagline: both,
  /** The colour of links, buttons and the header in light and in dark. */
  colours: z.strictObject({
    light: colour.refine((value) => contrast(value, grounds.light) >= 4.5, 'is too pale to be read on white; choose one with a contrast of at least 4.5:1'),
    dark: colour.refine((value) => contrast(value, grounds.dark) >= 4.5, 'is too dark to be read on the dark page; choose one with a contrast of at least 4.5:1'),
  }),
  /** The official accessibility statement in WAS-Tool; absent until it is made. */
  wasUrl: z.url({ protocol: /^https$/ }).optional(),
  receiptPrefix: z.string().regex(/^[A-Z]{2,6}$/),
});

/** The instance: everything that makes this site one municipality's. */
export type Municipality = z.infer<typeof municipalitySchema>;
