import type { AstroGlobal } from 'astro';
import { newestAgreement } from '../agreements/queries.ts';
import { readAddress } from '../alerts/address.ts';
import { newestNews, type Told } from '../alerts/announce.ts';
import { addressOf, type Choice, choicesFrom, type Rhythm, rhythms } from '../alerts/choices.ts';
import { exampleMail } from '../alerts/mails/example.ts';
import { alertMessages } from '../alerts/messages.ts';
import { oneClick } from '../alerts/one-click.ts';
import { change, fieldOfFault, type SubscribeFault, type Subscription, signUp, stop, subscriptionOf } from '../alerts/subscribe.ts';
import { readToken, type TokenPurpose } from '../alerts/token.ts';
import { inLanguage, type Language } from '../i18n/language.ts';
import { pathTo } from '../i18n/routes.ts';
import type { Fault } from '../platform/refusal.ts';
import { BrokenForm, readForm } from '../web/form.ts';

type Context = Pick<AstroGlobal, 'request' | 'locals'>;

async function fieldsOf(request: Request): Promise<Readonly<Record<string, string>>> {
  const { fields } = await readForm(request).catch((error: unknown) => {
    if (error instanceof BrokenForm) return { fields: {} as Readonly<Record<string, string>> };
    throw error;
  });
  return fields;
}

export function rhythmIn(value: string | null | undefined, otherwise: Rhythm = 'daily'): Rhythm {
  return rhythms.find((each) => each === value) ?? otherwise;
}

export interface SubscribeForm {
  readonly status: number;
  readonly faults: readonly Fault<SubscribeFault>[];
  readonly address: string;
  readonly meant: string | null;
  readonly choices: readonly Choice[];
  readonly rhythm: Rhythm;
}

/** The sign-up form: on to the page that says what was sent, the same for every address; or the form again with what is wrong. */
export async function postSubscribe({ request, locals }: Context): Promise<{ readonly redirect: string } | SubscribeForm> {
  const { app, lang, clientAddress } = locals;
  const fields = await fieldsOf(request);
  const choices = choicesFrom(fields, app.alerts.categories);
  const rhythm = rhythmIn(fields['rytme']);
  const typed = (fields['email'] ?? '').trim().slice(0, 300);
  const read = readAddress(typed);
  const meant = typeof read === 'string' ? null : read.meant;
  // The answer to "did you mean" counts for the address that it was asked about.
  const answer = typed === fields['spurgt'] ? fields['adresse'] : undefined;
  const address = answer === 'ment' && meant ? meant : typed;
  const sure = answer === 'skrevet' && typeof read !== 'string' ? read.address : '';
  const faults = await signUp(app.db, app.alerts, { address, sure, choices, rhythm, lang }, clientAddress, app.clock.now());
  if (faults.length > 0) {
    const unsure = faults.some(({ code }) => code === 'address-did-you-mean');
    return { status: faults.some(({ code }) => code === 'too-many') ? 429 : 400, faults, address, meant: unsure ? meant : null, choices, rhythm };
  }
  return { redirect: `${pathTo('subscribe', lang)}?${addressOf(choices)}&rytme=${rhythm}&sendt=1` };
}

/** The subscription that a link is for; a word for why there is none. */
export async function subscriptionBehind(
  { locals: { app } }: Pick<Context, 'locals'>,
  purpose: TokenPurpose,
  token: string | undefined,
): Promise<Subscription | 'forged' | 'expired' | 'gone'> {
  const read = readToken(app.config.secretKey, purpose, token ?? '', app.clock.now());
  return typeof read === 'string' ? read : ((await subscriptionOf(app.db, read.subscription)) ?? 'gone');
}

export const statusOfGone = { forged: 404, expired: 410, gone: 410 } as const;

export interface SettingsForm {
  readonly status: number;
  readonly fault: { readonly field: string; readonly code: Exclude<Awaited<ReturnType<typeof change>>, 'gone' | null> };
  readonly choices: readonly Choice[];
  readonly rhythm: Rhythm;
  readonly mailLang: Language;
}

/** The settings form: saved, gone meanwhile, or the form again with what is wrong. */
export async function postSettings({ request, locals: { app } }: Context, subscription: Subscription): Promise<'saved' | 'gone' | SettingsForm> {
  const fields = await fieldsOf(request);
  const choices = choicesFrom(fields, app.alerts.categories);
  const rhythm = rhythmIn(fields['rytme'], subscription.rhythm);
  const mailLang = fields['sprog'] === 'da' || fields['sprog'] === 'en' ? fields['sprog'] : subscription.lang;
  const outcome = await change(app.db, subscription.id, { choices, rhythm, lang: mailLang }, app.clock.now());
  if (outcome === null) return 'saved';
  return outcome === 'gone' ? 'gone' : { status: 400, fault: { field: fieldOfFault(outcome), code: outcome }, choices, rhythm, mailLang };
}

/** The button of a mail program, or ours. True when the mails are stopped, now or before. */
export async function postUnsubscribe({ request, locals: { app } }: Context, token: string | undefined): Promise<boolean> {
  const read = readToken(app.config.secretKey, 'unsubscribe', token ?? '', app.clock.now());
  if (typeof read === 'string' || (await fieldsOf(request))[oneClick.name] !== oneClick.value) return false;
  await stop(app.db, read.subscription, app.clock.now());
  return true;
}

/** Agreements and tenders among the choices, by name; those that are not on the site are left out. One query. */
export async function followedIn({ locals: { app, lang } }: Pick<Context, 'locals'>, choices: readonly Choice[]): Promise<{ readonly choice: Choice; readonly title: string }[]> {
  const t = alertMessages[lang];
  const valuesOf = (kind: Choice['kind']): string[] => choices.filter((choice) => choice.kind === kind).map(({ value }) => value);
  const [numbers, tenders] = [valuesOf('agreement'), valuesOf('tender')];
  if (numbers.length + tenders.length === 0) return [];
  const rows = await app.db
    .selectFrom('agreement')
    .select(['number as value', 'title_da', 'title_en', (eb) => eb.val('agreement').as('kind')])
    .where('number', 'in', [...numbers, ''])
    .where('withdrawn_at', 'is', null)
    .unionAll((eb) =>
      eb
        .selectFrom('tender')
        .select(['id as value', 'title_da', 'title_en', (each) => each.val('tender').as('kind')])
        .where('id', 'in', [...tenders, '']),
    )
    .execute();
  return rows.map((row) => {
    const title = inLanguage(row, 'title', lang);
    return { choice: { kind: row.kind as Choice['kind'], value: row.value }, title: row.kind === 'agreement' ? t.followAgreement(title, row.value) : t.followTender(title) };
  });
}

/** The newest news on the site as the mail that it would be; before anything was announced, an agreement. */
export async function exampleFor(
  { locals: { app, lang } }: Pick<Context, 'locals'>,
  rhythm: Rhythm,
  mailLang: Language = lang,
): Promise<{ readonly subject: string; readonly text: string } | null> {
  const told = (await newestNews(app.db)) ?? (await fromAgreement(app.db));
  return told && exampleMail(app.alerts, told, mailLang, rhythm, app.clock.now());
}

async function fromAgreement(db: Context['locals']['app']['db']): Promise<Told | null> {
  const row = await newestAgreement(db);
  if (!row) return null;
  const both = (name: 'title' | 'summary') => ({ da: inLanguage(row, name, 'da'), en: inLanguage(row, name, 'en') });
  const path = { da: pathTo('agreement', 'da', { number: row.number }), en: pathTo('agreement', 'en', { number: row.number }) };
  return { kind: 'agreement', subject: row.number, reason: 'published', title: both('title'), summary: both('summary'), path, changes: [], deadlineAt: null };
}
