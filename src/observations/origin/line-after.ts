/** The line after which a page of lines goes on, from ?efter=; 0 where it says none, or nothing that can be a line. */
export function lineAfter(url: URL): number {
  const asked = url.searchParams.get('efter') ?? '';
  return /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
}
