import type { APIContext } from 'astro';
import { agreements } from '../agreements/queries.ts';
import type { Language } from '../i18n/language.ts';
import { pathTo, twinOf } from '../i18n/routes.ts';
import { tendersAfter } from '../tenders/queries.ts';

const alone = [
  'home',
  'strategy',
  'actionPlan',
  'versions',
  'requirements',
  'forMe',
  'agreements',
  'findAgreement',
  'tenders',
  'subscribe',
  'plan',
  'data',
  'verify',
  'contact',
  'accessibility',
  'selfAssessment',
  'privacy',
  'cookies',
] as const;

/** Every public page in both languages, each with its twin (sitemaps.org 0.9). */
export async function GET({ locals: { app, content } }: APIContext): Promise<Response> {
  const danish: { path: string; twin?: string | undefined; changed?: Date }[] = alone.map((name) => ({ path: pathTo(name, 'da') }));
  for (const { slug, twinSlug } of content.chapters) danish.push({ path: pathTo('chapter', 'da', { chapter: slug }), twin: pathTo('chapter', 'en', { chapter: twinSlug }) });
  for (const { id } of content.requirements) danish.push({ path: pathTo('requirement', 'da', { id }) });
  const all = await agreements(app.db);
  for (const row of all) danish.push({ path: pathTo('agreement', 'da', { number: row.number }), changed: row.updated_at });
  for (const cvr of new Set(all.flatMap(({ suppliers }) => suppliers.map((supplier) => supplier.cvr)))) danish.push({ path: pathTo('supplier', 'da', { cvr }) });
  for (const { id, updated_at } of await tendersAfter(app.db, '', 10_000)) danish.push({ path: pathTo('tender', 'da', { id }), changed: updated_at });

  const full = (path: string): string => new URL(path, app.config.siteUrl).href.replaceAll('&', '&amp;');
  const entries = danish.flatMap(({ path, twin = twinOf(path), changed }) => {
    const addresses: Record<Language, string> = { da: full(path), en: full(twin) };
    const links = (['da', 'en'] as const).map((lang) => `<xhtml:link rel="alternate" hreflang="${lang}" href="${addresses[lang]}"/>`).join('');
    const lastmod = changed ? `<lastmod>${changed.toISOString().slice(0, 10)}</lastmod>` : '';
    return (['da', 'en'] as const).map((lang) => `<url><loc>${addresses[lang]}</loc>${lastmod}${links}</url>`);
  });
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${entries.join('\n')}\n</urlset>\n`;
  return new Response(body, { headers: { 'content-type': 'application/xml; charset=utf-8' } });
}
