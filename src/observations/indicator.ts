import { z } from 'zod';
import { both } from '../municipality/municipality.ts';

/** Units of figures, in words after the number. DKK is kept in whole øre and shown in kroner. */
export const units = {
  DKK: { da: 'kr.', en: 'DKK' },
  '%': { da: '%', en: '%' },
  count: { da: '', en: '' },
  persons: { da: 'personer', en: 'persons' },
  'person-years': { da: 'årsværk', en: 'person-years' },
  hours: { da: 'timer', en: 'hours' },
  weeks: { da: 'uger', en: 'weeks' },
  km: { da: 'km', en: 'km' },
  litres: { da: 'liter', en: 'litres' },
  kWh: { da: 'kWh', en: 'kWh' },
  g: { da: 'g', en: 'g' },
  kg: { da: 'kg', en: 'kg' },
  tonnes: { da: 'ton', en: 'tonnes' },
  tCO2e: { da: 'ton CO₂e', en: 'tCO₂e' },
  'kgCO2e/year': { da: 'kg CO₂e pr. år', en: 'kg CO₂e per year' },
  'kgCO2e/m2/year': { da: 'kg CO₂e pr. m² pr. år', en: 'kg CO₂e per m² per year' },
  m2: { da: 'm²', en: 'm²' },
  pieces: { da: 'stk.', en: 'pieces' },
  'per-million-hours': { da: 'pr. million timer', en: 'per million hours' },
  'out-of-5': { da: 'ud af 5', en: 'out of 5' },
} as const;
export type Unit = keyof typeof units;

const key = z.string().regex(/^[a-z][a-z0-9-]*$/);

const common = {
  id: key,
  label: both,
  unit: z.enum(Object.keys(units) as [Unit, ...Unit[]]),
  decimals: z.number().int().min(0).max(2),
  /** Which way is good. */
  good: z.enum(['up', 'down', 'neither']),
  /** Not shown by itself, only as a part of a ratio. */
  alone: z.literal(false).optional(),
};

/**
 * An entry of content/indicators.yaml: what a figure means. A `sum` adds up over periods; a `latest` is a state at the end of its
 * period, of which a year has the latest one; a `ratio` is one figure divided by another.
 */
export const indicatorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('sum') }),
  z.strictObject({ ...common, kind: z.literal('latest') }),
  z.strictObject({ ...common, kind: z.literal('ratio'), of: key, per: key, times: z.number().positive().optional() }),
]);

export type Indicator = z.infer<typeof indicatorSchema>;
/** By id, in the order of the file. */
export type Indicators = ReadonlyMap<string, Indicator>;
