import type { AstroCookies } from 'astro';

/** The only cookie of the site, and only after log-in. With TLS its name binds it to this host. */
export function sessionCookieName(siteUrl: URL): string {
  return siteUrl.protocol === 'https:' ? '__Host-session' : 'session';
}

export function readSessionCookie(cookies: AstroCookies, siteUrl: URL): string | null {
  return cookies.get(sessionCookieName(siteUrl))?.value ?? null;
}

/** The same from a Cookie header, for requests that do not go through Astro. */
export function sessionTokenIn(header: string | undefined, siteUrl: URL): string | null {
  const start = `${sessionCookieName(siteUrl)}=`;
  const pair = header?.split('; ').find((each) => each.startsWith(start));
  return pair?.slice(start.length) ?? null;
}

/** Gone when the browser closes; the server ends the session earlier than that. */
export function setSessionCookie(cookies: AstroCookies, siteUrl: URL, token: string): void {
  cookies.set(sessionCookieName(siteUrl), token, { path: '/', httpOnly: true, sameSite: 'lax', secure: siteUrl.protocol === 'https:' });
}

export function clearSessionCookie(cookies: AstroCookies, siteUrl: URL): void {
  cookies.set(sessionCookieName(siteUrl), '', { path: '/', httpOnly: true, sameSite: 'lax', secure: siteUrl.protocol === 'https:', maxAge: 0 });
}
