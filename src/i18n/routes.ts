import { type Language, languageOf } from './language.ts';

/** Every page's address in both languages; [name] is filled in. The page file is the one at the Danish address. */
export const routes = {
  home: { da: '/', en: '/en', page: 'index.astro' },
  strategy: { da: '/strategi', en: '/en/strategy', page: 'strategi/index.astro' },
  actionPlan: { da: '/strategi/handlingsplan', en: '/en/strategy/action-plan', page: 'strategi/handlingsplan.astro' },
  versions: { da: '/strategi/versioner', en: '/en/strategy/versions', page: 'strategi/versioner/index.astro' },
  compare: { da: '/strategi/versioner/sammenlign', en: '/en/strategy/versions/compare', page: 'strategi/versioner/sammenlign.astro' },
  chapter: { da: '/strategi/[chapter]', en: '/en/strategy/[chapter]', page: 'strategi/[chapter].astro' },
  requirements: { da: '/krav', en: '/en/requirements', page: 'krav/index.astro' },
  forMe: { da: '/krav/for-mig', en: '/en/requirements/for-me', page: 'krav/for-mig.astro' },
  requirement: { da: '/krav/[id]', en: '/en/requirements/[id]', page: 'krav/[id].astro' },
  agreements: { da: '/aftaler', en: '/en/agreements', page: 'aftaler/index.astro' },
  agreement: { da: '/aftaler/[number]', en: '/en/agreements/[number]', page: 'aftaler/[number].astro' },
  findAgreement: { da: '/find-aftale', en: '/en/find-agreement', page: 'find-aftale.astro' },
  supplier: { da: '/leverandoerer/[cvr]', en: '/en/suppliers/[cvr]', page: 'leverandoerer/[cvr].astro' },
  tenders: { da: '/udbud', en: '/en/tenders', page: 'udbud/index.astro' },
  plan: { da: '/udbud/plan', en: '/en/tenders/plan', page: 'udbud/plan.astro' },
  planList: { da: '/udbud/plan.csv', en: '/en/tenders/plan.csv', page: 'udbud/plan.csv.ts' },
  tender: { da: '/udbud/[id]', en: '/en/tenders/[id]', page: 'udbud/[id].astro' },
  confirmQuestion: { da: '/udbud/spoergsmaal/[token]', en: '/en/tenders/question/[token]', page: 'udbud/spoergsmaal/[token].astro' },
  subscribe: { da: '/abonner', en: '/en/subscribe', page: 'abonner/index.astro' },
  confirmSubscription: { da: '/abonner/bekraeft/[token]', en: '/en/subscribe/confirm/[token]', page: 'abonner/bekraeft/[token].astro' },
  subscriptionSettings: { da: '/abonner/indstillinger/[token]', en: '/en/subscribe/settings/[token]', page: 'abonner/indstillinger/[token].astro' },
  unsubscribe: { da: '/abonner/afmeld/[token]', en: '/en/subscribe/unsubscribe/[token]', page: 'abonner/afmeld/[token].astro' },
  search: { da: '/soeg', en: '/en/search', page: 'soeg.astro' },
  verify: { da: '/verificer', en: '/en/verify', page: 'verificer/index.astro' },
  data: { da: '/data', en: '/en/data', page: 'data.astro' },
  agreementFeed: { da: '/feeds/aftaler.atom', en: '/en/feeds/agreements.atom', page: 'feeds/aftaler.atom.ts' },
  tenderFeed: { da: '/feeds/udbud.atom', en: '/en/feeds/tenders.atom', page: 'feeds/udbud.atom.ts' },
  tenderCalendar: { da: '/feeds/udbud.ics', en: '/en/feeds/tenders.ics', page: 'feeds/udbud.ics.ts' },
  taskCalendar: { da: '/feeds/opgaver/[token].ics', en: '/en/feeds/tasks/[token].ics', page: 'feeds/opgaver/[token].ics.ts' },
  newsFeed: { da: '/feeds/nyt.atom', en: '/en/feeds/news.atom', page: 'feeds/nyt.atom.ts' },
  checkFile: { da: '/tjek-fil', en: '/en/check-file', page: 'tjek-fil/index.astro' },
  checkTemplate: { da: '/tjek-fil/skabelon/[file]', en: '/en/check-file/template/[file]', page: 'tjek-fil/skabelon/[file].ts' },
  contact: { da: '/kontakt', en: '/en/contact', page: 'kontakt.astro' },
  accessibility: { da: '/tilgaengelighed', en: '/en/accessibility', page: 'tilgaengelighed/index.astro' },
  selfAssessment: { da: '/tilgaengelighed/selvevaluering', en: '/en/accessibility/self-assessment', page: 'tilgaengelighed/selvevaluering.astro' },
  privacy: { da: '/privatliv', en: '/en/privacy', page: 'privatliv.astro' },
  cookies: { da: '/cookies', en: '/en/cookies', page: 'cookies.astro' },
  logIn: { da: '/log-ind', en: '/en/log-in', page: 'log-ind.astro' },
  logOut: { da: '/log-ud', en: '/en/log-out', page: 'log-ud.astro' },
  tasks: { da: '/leverandoer', en: '/en/supplier', page: 'leverandoer/index.astro' },
  nothing: { da: '/leverandoer/intet', en: '/en/supplier/nothing', page: 'leverandoer/intet.astro' },
  reportEvent: { da: '/leverandoer/haendelse', en: '/en/supplier/event', page: 'leverandoer/haendelse.astro' },
  task: { da: '/leverandoer/opgaver/[id]', en: '/en/supplier/tasks/[id]', page: 'leverandoer/opgaver/[id].astro' },
  taskSheet: { da: '/leverandoer/opgaver/[id]/linjer', en: '/en/supplier/tasks/[id]/lines', page: 'leverandoer/opgaver/[id]/linjer/index.astro' },
  taskFaults: { da: '/leverandoer/opgaver/[id]/linjer/[file]', en: '/en/supplier/tasks/[id]/lines/[file]', page: 'leverandoer/opgaver/[id]/linjer/[file].ts' },
  library: { da: '/leverandoer/dokumenter', en: '/en/supplier/documents', page: 'leverandoer/dokumenter/index.astro' },
  newEvidence: { da: '/leverandoer/dokumenter/nyt', en: '/en/supplier/documents/new', page: 'leverandoer/dokumenter/nyt.astro' },
  evidence: { da: '/leverandoer/dokumenter/[id]', en: '/en/supplier/documents/[id]', page: 'leverandoer/dokumenter/[id]/index.astro' },
  renewEvidence: { da: '/leverandoer/dokumenter/[id]/forny', en: '/en/supplier/documents/[id]/renew', page: 'leverandoer/dokumenter/[id]/forny.astro' },
  receipt: { da: '/leverandoer/kvitteringer/[id]', en: '/en/supplier/receipts/[id]', page: 'leverandoer/kvitteringer/[id].astro' },
  receiptFigure: {
    da: '/leverandoer/kvitteringer/[id]/tal/[indicator]',
    en: '/en/supplier/receipts/[id]/figures/[indicator]',
    page: 'leverandoer/kvitteringer/[id]/tal/[indicator].astro',
  },
  receiptPdf: { da: '/leverandoer/kvitteringer/[id]/kvittering.pdf', en: '/en/supplier/receipts/[id]/receipt.pdf', page: 'leverandoer/kvitteringer/[id]/kvittering.pdf.ts' },
  receiptJson: { da: '/leverandoer/kvitteringer/[id]/kvittering.json', en: '/en/supplier/receipts/[id]/receipt.json', page: 'leverandoer/kvitteringer/[id]/kvittering.json.ts' },
  receiptAnswers: { da: '/leverandoer/kvitteringer/[id]/svar.json', en: '/en/supplier/receipts/[id]/answers.json', page: 'leverandoer/kvitteringer/[id]/svar.json.ts' },
  supplierSettings: { da: '/leverandoer/indstillinger', en: '/en/supplier/settings', page: 'leverandoer/indstillinger.astro' },
  file: { da: '/leverandoer/filer/[id]', en: '/en/supplier/files/[id]', page: 'leverandoer/filer/[id].ts' },
  register: { da: '/forvaltning/aftaler', en: '/en/administration/agreements', page: 'forvaltning/aftaler/index.astro' },
  importList: { da: '/forvaltning/aftaler/indlaes', en: '/en/administration/agreements/import', page: 'forvaltning/aftaler/indlaes/index.astro' },
  importPreview: { da: '/forvaltning/aftaler/indlaes/[file]', en: '/en/administration/agreements/import/[file]', page: 'forvaltning/aftaler/indlaes/[file].astro' },
  newAgreement: { da: '/forvaltning/aftaler/ny', en: '/en/administration/agreements/new', page: 'forvaltning/aftaler/ny.astro' },
  keepAgreement: { da: '/forvaltning/aftaler/[number]', en: '/en/administration/agreements/[number]', page: 'forvaltning/aftaler/[number].astro' },
  planFollowup: { da: '/forvaltning/aftaler/[number]/opfoelgning', en: '/en/administration/agreements/[number]/follow-up', page: 'forvaltning/aftaler/[number]/opfoelgning.astro' },
  keepTenders: { da: '/forvaltning/udbud', en: '/en/administration/tenders', page: 'forvaltning/udbud/index.astro' },
  newTender: { da: '/forvaltning/udbud/nyt', en: '/en/administration/tenders/new', page: 'forvaltning/udbud/nyt.astro' },
  keepTender: { da: '/forvaltning/udbud/[id]', en: '/en/administration/tenders/[id]', page: 'forvaltning/udbud/[id].astro' },
  retention: { da: '/forvaltning/opbevaring', en: '/en/administration/retention', page: 'forvaltning/opbevaring.astro' },
  queue: { da: '/forvaltning', en: '/en/administration', page: 'forvaltning/index.astro' },
  case: { da: '/forvaltning/sager/[id]', en: '/en/administration/cases/[id]', page: 'forvaltning/sager/[id].astro' },
  figures: { da: '/forvaltning/tal', en: '/en/administration/figures', page: 'forvaltning/tal/index.astro' },
  figuresList: { da: '/forvaltning/tal/aftaler.csv', en: '/en/administration/figures/agreements.csv', page: 'forvaltning/tal/aftaler.csv.ts' },
  caseFigure: { da: '/forvaltning/sager/[id]/tal/[indicator]', en: '/en/administration/cases/[id]/figures/[indicator]', page: 'forvaltning/sager/[id]/tal/[indicator].astro' },
  heldFiles: { da: '/forvaltning/filer', en: '/en/administration/files', page: 'forvaltning/filer/index.astro' },
  caseReceipt: { da: '/forvaltning/kvitteringer/[id]/kvittering.pdf', en: '/en/administration/receipts/[id]/receipt.pdf', page: 'forvaltning/kvitteringer/[id]/kvittering.pdf.ts' },
  caseReceiptJson: {
    da: '/forvaltning/kvitteringer/[id]/kvittering.json',
    en: '/en/administration/receipts/[id]/receipt.json',
    page: 'forvaltning/kvitteringer/[id]/kvittering.json.ts',
  },
  casePreview: { da: '/forvaltning/filer/[id]/forside.png', en: '/en/administration/files/[id]/first-page.png', page: 'forvaltning/filer/[id]/forside.png.ts' },
  caseFile: { da: '/forvaltning/filer/[id]', en: '/en/administration/files/[id]', page: 'forvaltning/filer/[id].ts' },
} as const;

export type RouteName = keyof typeof routes;

type Names<Pattern extends string> = Pattern extends `${string}[${infer Name}]${infer Rest}` ? Name | Names<Rest> : never;
type Params<Name extends RouteName> = Record<Names<(typeof routes)[Name]['da']>, string>;

/** The address of a page, each parameter percent-encoded. */
export function pathTo<Name extends RouteName>(name: Name, lang: Language, ...[params]: Names<(typeof routes)[Name]['da']> extends never ? [] : [Params<Name>]): string {
  return routes[name][lang].replace(/\[(\w+)\]/g, (_, key: string) => encodeURIComponent((params as unknown as Record<string, string>)[key] ?? ''));
}

const matchers = Object.values(routes).flatMap((route) =>
  (['da', 'en'] as const).map((lang) => ({
    pattern: new RegExp(`^${route[lang].replace(/\[\w+\]/g, '([^/]+)')}$`),
    other: route[lang === 'da' ? 'en' : 'da'],
  })),
);

/** The same page in the other language, or that language's front page when the address is no page of ours. */
export function twinOf(pathname: string): string {
  for (const { pattern, other } of matchers) {
    const found = pattern.exec(pathname);
    if (found) {
      let place = 0;
      return other.replace(/\[\w+\]/g, () => found[++place] ?? '');
    }
  }
  return languageOf(pathname) === 'da' ? '/en' : '/';
}
