import type { APIContext, APIRoute } from 'astro';
import { placeOf } from '../../alerts/address.ts';
import { countAttempts } from '../../identity/attempts.ts';
import { secretIn } from '../../identity/keys/secret.ts';
import { actorByKey, type KeyActor } from '../../identity/keys/use.ts';
import { machine, privateProblem } from '../machine.ts';

/** Wrong keys from one place in a quarter of an hour, of which each is looked up. */
const mostGuesses = 100;

/** Addresses that a supplier's programs ask with a key. */
export function isForKeys(pathname: string): boolean {
  return /^\/api\/v1\/obligations(\/|$)/.test(pathname);
}

/**
 * Whether a request says that it comes with a key. Such a one may change something without telling its origin: no browser sends the
 * header for another site's page without asking us first, and we say no to that.
 */
export function saysKey(request: { readonly headers: Pick<Headers, 'get'> }): boolean {
  return /^bearer /i.test(request.headers.get('authorization') ?? '');
}

/** The answer to whoever has no key that works; which it is, is not told. */
export function needsKey(context: Pick<APIContext, 'locals'>): Response {
  return privateProblem(context, 'no-key', [], { 'www-authenticate': 'Bearer' });
}

/** An endpoint for a supplier's programs. Nothing but the key says who asks: no cookie is read. */
export function byKey(answer: (context: APIContext, actor: KeyActor) => Promise<Response>, methods?: readonly string[]): APIRoute {
  return machine(
    async (context) => {
      const { app, clientAddress } = context.locals;
      const secret = secretIn(context.request.headers.get('authorization'));
      if (secret === null) return needsKey(context);
      const actor = await actorByKey(app.db, secret, app.clock.now());
      if (actor) {
        context.locals.actor = actor;
        return answer(context, actor);
      }
      // Counted afterwards, so that somebody's guesses never keep out a key that is right: it cannot be guessed.
      const [guesses = 0] = await countAttempts(app.db, [`key:${placeOf(clientAddress)}`]);
      return guesses > mostGuesses ? privateProblem(context, 'too-many', [], { 'retry-after': '900' }) : needsKey(context);
    },
    methods,
    privateProblem,
  );
}
