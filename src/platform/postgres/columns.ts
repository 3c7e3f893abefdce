import { type RawBuilder, sql } from 'kysely';

/**
 * Rows as a table for a `from`, an array for each column: half as long as JSON, and read once. `types` gives the names of the
 * columns and their types in PostgreSQL; a list within a row is a `text[]`.
 */
export function asColumns<Column extends string>(rows: readonly Readonly<Record<Column, unknown>>[], types: Readonly<Record<Column, string>>, name = 'x'): RawBuilder<unknown> {
  const columns = Object.entries<string>(types).map(([column, type]) => ({ column, type, values: rows.map((row) => row[column as Column]) }));
  const names = sql.join(columns.map(({ column }) => sql.ref(column)));
  const arrays = sql.join(
    columns.map(({ type, values }) => (type === 'text[]' ? sql`${(values as readonly (readonly string[])[]).map(listOf)}::text[]` : sql`${values}::${sql.raw(type)}[]`)),
  );
  const read = sql.join(columns.map(({ column, type }) => (type === 'text[]' ? sql`${sql.ref(column)}::text[]` : sql.ref(column))));
  return sql`(select ${read} from unnest(${arrays}) as u (${names})) as ${sql.ref(name)} (${names})`;
}

/** A list as the text of an array: PostgreSQL has no arrays of lists that differ in length. */
const listOf = (list: readonly string[]): string => `{${list.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
