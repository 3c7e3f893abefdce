import type { APIContext } from 'astro';
import { pathTo } from '../i18n/routes.ts';

/** The short address that the law on web accessibility asks for: to the official statement, or until there is one to ours. */
export function GET({ locals: { app }, redirect }: APIContext): Response {
  return redirect(app.municipality.wasUrl ?? pathTo('accessibility', 'da'), 302);
}
