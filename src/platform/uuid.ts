const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is a UUID in the spelling that we write; PostgreSQL refuses the query otherwise. */
export function isUuid(text: string): boolean {
  return pattern.test(text);
}
