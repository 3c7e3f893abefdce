import type { Language } from '../../i18n/language.ts';
import { feedMessages } from './messages.ts';

interface Group {
  readonly children: readonly { readonly id: string; readonly title: Readonly<Record<Language, string>> }[];
}

/** The category that an address asks for by `kategori`, with what it is called; a fault where the site has no such category. */
export function categoryAsked(params: URLSearchParams, groups: readonly Group[], lang: Language) {
  const asked = params.get('kategori') || null;
  const known = groups.flatMap(({ children }) => children).find(({ id }) => id === asked);
  const fault = {
    code: 'unknown-category',
    parameter: 'kategori',
    found: asked?.slice(0, 200) ?? '',
    message_da: feedMessages.da.unknownCategory,
    message_en: feedMessages.en.unknownCategory,
  };
  return { category: known?.id ?? null, title: known?.title[lang] ?? null, faults: asked !== null && !known ? [fault] : [] };
}
