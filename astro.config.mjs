import node from '@astrojs/node';
import { defineConfig } from 'astro/config';
import { routes } from './src/i18n/routes.ts';

/** Gives every page its English address: one page file serves both languages. */
const englishAddresses = {
  name: 'english-addresses',
  hooks: {
    'astro:config:setup': ({ injectRoute, command }) => {
      for (const { en, page } of Object.values(routes)) injectRoute({ pattern: en, entrypoint: `./src/pages/${page}`, prerender: false });
      if (command === 'dev') injectRoute({ pattern: '/udvikling/komponenter', entrypoint: './src/ui/gallery/GalleryPage.astro', prerender: false });
    },
  },
};

export default defineConfig({
  output: 'server',
  adapter: node({ mode: 'middleware' }),
  integrations: [englishAddresses],
  trailingSlash: 'never',
  // The stylesheet is put into each page by src/ui/Layout.astro, and src/web/headers.ts allows exactly that one.
  build: { inlineStylesheets: 'never' },
  // src/middleware.ts asks more of a request than Astro's own check does.
  security: { checkOrigin: false },
  session: false,
  markdown: { syntaxHighlight: false },
  devToolbar: { enabled: false },
  vite: { build: { cssMinify: true, assetsInlineLimit: 0 } },
});
