import type { AstroGlobal } from 'astro';
import { languageOf } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import { loadActor } from '../identity/actor.ts';
import { credentials, type LogInRefusal, logIn } from '../identity/log-in.ts';
import { Busy } from '../identity/password.ts';
import { Refusal } from '../platform/refusal.ts';
import { readFields } from '../web/form.ts';
import { type Interrupted, openInterrupted } from '../web/interrupted.ts';
import { readSessionCookie, setSessionCookie } from '../web/session-cookie.ts';

export type LogInFault = LogInRefusal | 'required' | 'busy';

export type LogInOutcome =
  | { readonly redirect: string }
  | { readonly resumed: Interrupted }
  | { readonly status: number; readonly fault: LogInFault; readonly email: string; readonly next: string; readonly interrupted: string };

/** The log-in form: a session and on to where the person was going, or the form again with what is wrong. */
export async function postLogIn(astro: Pick<AstroGlobal, 'request' | 'cookies' | 'locals'>): Promise<LogInOutcome> {
  const { app, lang, clientAddress } = astro.locals;
  const fields = await readFields(astro.request);
  const back = { email: (fields['email'] ?? '').slice(0, 254), next: fields['next'] ?? '', interrupted: fields['interrupted'] ?? '' };
  const typed = credentials.safeParse(fields);
  if (!typed.success) return { status: 400, fault: 'required', ...back };
  const { siteUrl, secretKey } = app.config;
  try {
    const token = await logIn(app.db, app.sessions, typed.data, { address: clientAddress, cameWith: readSessionCookie(astro.cookies, siteUrl) });
    setSessionCookie(astro.cookies, siteUrl, token);
    const resumed = openInterrupted(secretKey, back.interrupted);
    if (resumed) return { resumed };
    const account = await app.sessions.accountOf(token);
    const actor = account && (await loadActor(app.db, account));
    const home = pathTo(actor && actor.suppliers.length > 0 ? 'tasks' : 'queue', lang);
    return { redirect: ownPath(back.next) ?? home };
  } catch (error) {
    if (error instanceof Busy) return { status: 503, fault: 'busy', ...back };
    if (!(error instanceof Refusal)) throw error;
    const fault = error.code as LogInRefusal;
    return { status: fault === 'too-many-guesses' ? 429 : 422, fault, ...back };
  }
}

/** `next` leads only to pages behind log-in on this site, whatever was put there. */
function ownPath(next: string): string | null {
  if (!/^\/[^/\\]/.test(next) || /[\p{Cc}\\]/u.test(next)) return null;
  const { origin, pathname, search } = new URL(next, 'http://ours.invalid');
  if (origin !== 'http://ours.invalid') return null;
  const lang = languageOf(pathname);
  const within = (base: string): boolean => pathname === base || pathname.startsWith(`${base}/`);
  return within(pathTo('tasks', lang)) || within(pathTo('queue', lang)) ? pathname + search : null;
}
