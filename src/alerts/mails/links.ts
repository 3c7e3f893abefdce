import type { Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { Choice } from '../choices.ts';
import { type AlertContext, categoryTitle } from '../context.ts';
import { makeToken } from '../token.ts';
import { mailWords } from './words.ts';

/** The addresses by which a subscriber acts without logging in. */
export function linksFor({ siteUrl, secretKey }: Pick<AlertContext, 'siteUrl' | 'secretKey'>, id: string, lang: Language, now: Date) {
  const full = (path: string): string => new URL(path, siteUrl).href;
  return {
    confirm: full(pathTo('confirmSubscription', lang, { token: makeToken(secretKey, 'confirm', id, now) })),
    settings: full(pathTo('subscriptionSettings', lang, { token: makeToken(secretKey, 'settings', id, now) })),
    unsubscribe: full(pathTo('unsubscribe', lang, { token: makeToken(secretKey, 'unsubscribe', id, now) })),
  };
}

/** For the button that mail programs show by themselves (RFC 2369, RFC 8058). */
export function unsubscribeHeaders(link: string): Record<string, string> {
  return { 'List-Unsubscribe': `<${link}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

/** A choice in words, such as: the category Cleaning. */
export function choiceInWords({ categories }: Pick<AlertContext, 'categories'>, { kind, value }: Choice, lang: Language): string {
  return mailWords[lang].choice[kind](kind === 'category' ? categoryTitle(categories, value, lang) : value);
}
