import { atDanishTime, danishInstant } from '../platform/clock.ts';

/** A feed as Atom (RFC 4287). Addresses are whole; a date is an instant (ISO 8601), or a day, taken as its beginning in Denmark: noon would lie ahead of whoever reads in the morning. */
export interface Feed {
  readonly title: string;
  readonly author: string;
  /** The page that the feed follows, and the feed's own address. */
  readonly page: string;
  readonly self: string;
  readonly lang: string;
  readonly updated: string;
  readonly entries: readonly { readonly id: string; readonly date: string; readonly title: string; readonly text: string; readonly href: string }[];
}

export function atomResponse(feed: Feed): Response {
  const { host } = new URL(feed.self);
  // RFC 4151: an id that stays when the address of a page changes.
  const tag = (id: string): string => `tag:${host.replace(/:\d+$/, '')},2026:${encodeURI(id)}`;
  const at = (date: string): string => (date.includes('T') ? date : danishInstant(new Date(atDanishTime(`${date}T00:00:00`))));
  const entries = feed.entries.map(
    ({ id, date, title, text, href }) =>
      `<entry><id>${escaped(tag(id))}</id><title>${escaped(title)}</title><updated>${at(date)}</updated><link href="${escaped(new URL(href, feed.self).href)}"/><summary>${escaped(text)}</summary></entry>`,
  );
  const body = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${feed.lang}">`,
    `<id>${escaped(feed.self)}</id><title>${escaped(feed.title)}</title><updated>${at(feed.updated)}</updated><author><name>${escaped(feed.author)}</name></author>`,
    `<link rel="self" href="${escaped(feed.self)}"/><link href="${escaped(feed.page)}"/>`,
    ...entries,
    '</feed>',
  ].join('\n');
  return new Response(`${body}\n`, { headers: { 'content-type': 'application/atom+xml; charset=utf-8', 'cache-control': 'public, max-age=300' } });
}

function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
