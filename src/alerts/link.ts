import type { Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import { addressOf, type Choice } from './choices.ts';

/** What a page offers to follow. */
type Followed = { readonly agreement: string } | { readonly tender: string } | { readonly category: string } | { readonly words: string };

/** The address of the sign-up page with a choice filled in: subscribeLink('da', { agreement: '2024-031' }) is /abonner?aftale=2024-031. */
export function subscribeLink(lang: Language, followed: Followed): string {
  const choices = Object.entries(followed).map(([kind, value]): Choice => ({ kind: kind as Choice['kind'], value }));
  return `${pathTo('subscribe', lang)}?${addressOf(choices)}`;
}
