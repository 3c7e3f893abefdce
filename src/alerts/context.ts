import type { Language } from '../i18n/language.ts';
import type { Municipality } from '../municipality/municipality.ts';
import type { CategoryGroup } from './choices.ts';

/** What the use cases and the mails need to know of the site. */
export interface AlertContext {
  readonly siteUrl: URL;
  readonly secretKey: string;
  readonly municipality: Pick<Municipality, 'name' | 'email' | 'team'>;
  readonly categories: readonly CategoryGroup[];
}

/** What a category is called; its id where editors have taken it away. */
export function categoryTitle(categories: readonly CategoryGroup[], id: string, lang: Language): string {
  return categories.flatMap(({ children }) => children).find((each) => each.id === id)?.title[lang] ?? id;
}
