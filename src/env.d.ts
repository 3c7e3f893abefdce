/// <reference types="astro/client" />

declare namespace App {
  interface Locals {
    app: import('./app.ts').App;
    lang: import('./i18n/language.ts').Language;
    /** What editors wrote, in the reader's language, as it stood when the request came. */
    content: import('./content/content.ts').LocalContent;
    /** What the frame of every page shows, spread into Layout. */
    frame: {
      lang: import('./i18n/language.ts').Language;
      owner: import('./municipality/municipality.ts').Municipality;
      siteUrl: URL;
      style: string;
      logo: string;
      demo: boolean;
      person?: { name: string; tasks: boolean; queue: boolean; register: boolean };
    };
    requestId: string;
    clientAddress: string;
    /** Set by the middleware on every address behind log-in, and nowhere else. */
    actor: import('./identity/actor.ts').Actor;
    /** A form whose session had ended when it came: sealed, to be carried on after log-in. */
    interrupted?: string;
    problem?: import('./web/problem.ts').Problem;
  }
}

/** What we use of it; it has no types of its own. */
declare module 'fontkit' {
  interface Font {
    hasGlyphForCodePoint(code: number): boolean;
  }
  function create(bytes: Uint8Array): Font;
}
