import type { APIContext } from 'astro';
import { days } from '../../platform/clock.ts';

/** Where to report a weakness (RFC 9116). It expires half a year from the day it is read. */
export function GET({ locals: { app } }: APIContext): Response {
  const { clock, municipality, config } = app;
  const expires = new Date(Math.floor((clock.now().getTime() + days(180)) / days(1)) * days(1)).toISOString();
  const lines = [
    `Contact: mailto:${municipality.email}`,
    `Expires: ${expires}`,
    'Preferred-Languages: da, en',
    `Canonical: ${new URL('/.well-known/security.txt', config.siteUrl).href}`,
  ];
  return new Response(`${lines.join('\n')}\n`, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
