import { z } from 'zod';
import { both } from '../municipality/municipality.ts';
import type { Requirement } from './requirement.ts';

const kind = z.enum(['supplies', 'services', 'works']);
const child = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: both,
  words: z.strictObject({ da: z.array(z.string()), en: z.array(z.string()) }),
  cpv: z.array(z.string().regex(/^\d{2,8}$/)).min(1),
  kind,
  requirements: z.array(z.string()),
});

/** An entry of content/categories/categories.yaml: what one can sell, in everyday words, over the CPV codes it covers. */
export const categorySchema = z.strictObject({ id: z.string().regex(/^[a-z0-9-]+$/), title: both, children: z.array(child).min(1) });

export type Category = z.infer<typeof categorySchema>;
export type Goods = z.infer<typeof child>;

/** Sizes of a contract that a supplier can tell: below or above five million kroner, excluding VAT. */
export const sizes = ['small', 'large'] as const;
export type Size = (typeof sizes)[number];
const largeFromDkk = 5_000_000;

/** Whether a requirement will be asked of someone who sells these goods in a contract of this size. */
export function isAskedOf(requirement: { readonly id: string } & Pick<Requirement, 'cpv' | 'contractKinds' | 'fromDkk'>, goods: Goods, size: Size): boolean {
  if (requirement.contractKinds && !requirement.contractKinds.includes(goods.kind)) return false;
  if ((requirement.fromDkk ?? 0) >= largeFromDkk && size === 'small') return false;
  return goods.requirements.includes(requirement.id) || requirement.cpv.some((code) => goods.cpv.some((prefix) => code.startsWith(prefix)));
}

/** How often a year something is filed, by its rhythm; what comes once or when it happens counts as once. */
export function timesAYear(rhythm: Requirement['rhythm']): number {
  return { monthly: 12, quarterly: 4, 'half-yearly': 2, annual: 1, once: 1, 'per-event': 1, certificate: 1, 'on-request': 1 }[rhythm];
}
