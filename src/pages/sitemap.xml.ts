import type { APIContext } from 'astro';
import { z } from 'zod';
import { agreementAddresses, partsOf, supplierAddresses } from '../agreements/register/addresses.ts';
import type { Language } from '../i18n/language.ts';
import { pathTo, twinOf } from '../i18n/routes.ts';
import { addressReader } from '../platform/asking/address.ts';
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

/** The number that a file begins with. */
const begin = z
  .string()
  .max(200)
  .regex(/^[\p{L}\p{N}]\P{Cc}*$/u);

interface Address {
  readonly path: string;
  readonly twin?: string | undefined;
  readonly changed?: Date;
}

/**
 * Every public page in both languages, each with its twin (sitemaps.org 0.9, which takes 50,000 addresses in one file). When
 * there are many agreements or suppliers this is the index of several such files, each at this address with what it begins with.
 */
export async function GET({ locals: { app, content }, url: { searchParams: params } }: APIContext): Promise<Response> {
  const agreements = async (from: string): Promise<Address[]> =>
    (await agreementAddresses(app.db, from)).map((row) => ({ path: pathTo('agreement', 'da', { number: row.number }), changed: row.updated_at }));
  const suppliers = async (from: string): Promise<Address[]> => (await supplierAddresses(app.db, from)).map(({ cvr }) => ({ path: pathTo('supplier', 'da', { cvr }) }));
  const pages = async (): Promise<Address[]> => [
    ...alone.map((name) => ({ path: pathTo(name, 'da') })),
    ...content.chapters.map(({ slug, twinSlug }) => ({ path: pathTo('chapter', 'da', { chapter: slug }), twin: pathTo('chapter', 'en', { chapter: twinSlug }) })),
    ...content.requirements.map(({ id }) => ({ path: pathTo('requirement', 'da', { id }) })),
    ...(await tendersAfter(app.db, '', 10_000)).map(({ id, updated_at }) => ({ path: pathTo('tender', 'da', { id }), changed: updated_at })),
  ];
  const { one, wrong } = addressReader(params);
  const [fromAgreement, fromSupplier] = [one('aftaler', begin), one('leverandoerer', begin)];
  if (wrong.length > 0) return new Response(null, { status: 404 });
  if (fromAgreement !== null) return sitemap(await agreements(fromAgreement), app.config.siteUrl);
  if (fromSupplier !== null) return sitemap(await suppliers(fromSupplier), app.config.siteUrl);
  if (params.has('sider')) return sitemap(await pages(), app.config.siteUrl);
  const parts = await partsOf(app.db);
  if (parts.agreements.length <= 1 && parts.suppliers.length <= 1) return sitemap([...(await pages()), ...(await agreements('')), ...(await suppliers(''))], app.config.siteUrl);
  const files = [
    'sider=',
    ...parts.agreements.map((from) => String(new URLSearchParams({ aftaler: from }))),
    ...parts.suppliers.map((from) => String(new URLSearchParams({ leverandoerer: from }))),
  ];
  const places = files.map((file) => `<sitemap><loc>${new URL(`/sitemap.xml?${file}`, app.config.siteUrl).href}</loc></sitemap>`);
  return xml(`<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${places.join('\n')}\n</sitemapindex>`);
}

function sitemap(danish: readonly Address[], siteUrl: URL): Response {
  const full = (path: string): string => new URL(path, siteUrl).href.replaceAll('&', '&amp;');
  const entries = danish.flatMap(({ path, twin = twinOf(path), changed }) => {
    const addresses: Record<Language, string> = { da: full(path), en: full(twin) };
    const links = (['da', 'en'] as const).map((lang) => `<xhtml:link rel="alternate" hreflang="${lang}" href="${addresses[lang]}"/>`).join('');
    const lastmod = changed ? `<lastmod>${changed.toISOString().slice(0, 10)}</lastmod>` : '';
    return (['da', 'en'] as const).map((lang) => `<url><loc>${addresses[lang]}</loc>${lastmod}${links}</url>`);
  });
  return xml(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${entries.join('\n')}\n</urlset>`);
}

const xml = (body: string): Response => new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`, { headers: { 'content-type': 'application/xml; charset=utf-8' } });
