/// <reference types="astro/client" />

declare namespace App {
  interface Locals {
    app: import('./app.ts').App;
    lang: import('./i18n/language.ts').Language;
    /** What the frame of every page shows, spread into Layout. */
    frame: {
      lang: import('./i18n/language.ts').Language;
      owner: import('./municipality/municipality.ts').Municipality;
      siteUrl: URL;
      demo: boolean;
      person?: { name: string; tasks: boolean; queue: boolean };
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
