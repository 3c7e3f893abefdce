import type { APIContext } from 'astro';
import { pathTo } from '../../i18n/routes.ts';
import { agreementChanges } from '../../opendata/changes.ts';
import { openDataMessages } from '../../opendata/messages.ts';
import { today } from '../../platform/clock.ts';
import { atomResponse } from '../../web/atom.ts';

/** Changes of agreements, newest first; `aftale` names one to follow. */
export async function GET({ locals: { app, lang, frame }, url }: APIContext): Promise<Response> {
  const number = url.searchParams.get('aftale');
  const entries = await agreementChanges(app.db, lang, number);
  if (number && entries.length === 0) return new Response(null, { status: 404 });
  const full = (path: string): string => new URL(path, app.config.siteUrl).href;
  return atomResponse({
    title: `${frame.owner.name[lang]}: ${openDataMessages[lang].feedTitle}${number ? `, ${number}` : ''}`,
    author: frame.owner.name[lang],
    page: full(pathTo('agreements', lang)),
    self: full(pathTo('agreementFeed', lang)) + (number ? `?${new URLSearchParams({ aftale: number })}` : ''),
    lang,
    updated: entries[0]?.date ?? today(app.clock),
    entries,
  });
}
