import type { Language } from '../../i18n/language.ts';
import { pathTo } from '../../i18n/routes.ts';
import type { Choice } from '../choices.ts';
import { type AlertContext, categoryTitle } from '../context.ts';
import { makeToken, type TokenPurpose } from '../token.ts';
import { mailWords } from './words.ts';

const pages = { confirm: 'confirmSubscription', settings: 'subscriptionSettings', unsubscribe: 'unsubscribe' } as const;

/** The address by which a subscriber does something without logging in. */
export function linkFor({ siteUrl, secretKey }: Pick<AlertContext, 'siteUrl' | 'secretKey'>, purpose: TokenPurpose, id: string, lang: Language, now: Date): string {
  return siteUrl.origin + pathTo(pages[purpose], lang, { token: makeToken(secretKey, purpose, id, now) });
}

/** For the button that mail programs show by themselves (RFC 2369, RFC 8058). */
export function unsubscribeHeaders(link: string): Record<string, string> {
  return { 'List-Unsubscribe': `<${link}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

/** A choice in words, such as: the category Cleaning. */
export function choiceInWords({ categories }: Pick<AlertContext, 'categories'>, { kind, value }: Choice, lang: Language): string {
  return mailWords[lang].choice[kind](kind === 'category' ? categoryTitle(categories, value, lang) : value);
}
