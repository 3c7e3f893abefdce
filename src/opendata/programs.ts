import { apiBase } from './publication.ts';

/** Addresses for suppliers' programs, which come with a key; the schemas are for everybody. */
export const programPaths = {
  obligations: `${apiBase}/obligations`,
  returns: (id: string) => `${apiBase}/obligations/${encodeURIComponent(id)}/returns`,
  schema: (type: string) => `${apiBase}/obligation-types/${encodeURIComponent(type)}.schema.json`,
} as const;
