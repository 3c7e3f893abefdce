/**
 * Whether a request that may change something comes from our own pages (ASVS 5.0 3.5.1): the browser says so by
 * Sec-Fetch-Site, or, where it does not send that, by an Origin that is ours. Neither means no.
 */
export function comesFromUs(request: { readonly headers: Pick<Headers, 'get'> }, ourOrigins: ReadonlySet<string>): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  return ourOrigins.has(request.headers.get('origin') ?? '');
}

/** The origins under which this server is reached: the public one, and on the demonstration the loopback ones. */
export function ourOrigins(siteUrl: URL, requestUrl: URL): ReadonlySet<string> {
  const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(requestUrl.hostname);
  return new Set([siteUrl.origin, ...(loopback ? [requestUrl.origin] : [])]);
}
