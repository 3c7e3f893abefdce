import { randomUUID } from 'node:crypto';
import type { AstroGlobal } from 'astro';
import { pathTo } from '../../i18n/routes.ts';
import type { KeyOutcome } from '../../identity/keys/KeysSection.astro';
import { endKey, type KeyFault, type KeyRefusal, makeKey } from '../../identity/keys/keep.ts';
import { type Fault, InvalidInput, type Refusal } from '../../platform/refusal.ts';
import { isUuid } from '../../platform/uuid.ts';
import { readFields } from '../../web/form.ts';
import { statusOf } from '../../web/problem.ts';
import { changeTaskCalendar } from './task-calendar.ts';

type Astro = Pick<AstroGlobal, 'request' | 'locals'>;
type Fields = Readonly<Record<string, string>>;

/** The forms of the settings: where to go, or what the page says. The secret of a new key is on the page that answers, and nowhere else. */
export async function postSettings(astro: Astro): Promise<{ redirect: string } | { status: number; outcome: KeyOutcome }> {
  const fields = await readFields(astro.request);
  const intent = fields['intent'] ?? '';
  return intent.endsWith('-key') ? changeKeys(astro, intent, fields) : { redirect: await changeTaskCalendar(astro, intent) };
}

async function changeKeys({ locals: { app, actor, lang } }: Astro, intent: string, fields: Fields): Promise<{ redirect: string } | { status: number; outcome: KeyOutcome }> {
  const page = pathTo('supplierSettings', lang);
  const typed = { name: fields['key-name'] ?? '', supplier: fields['key-supplier'] ?? '' };
  const id = fields['key'] ?? '';
  try {
    if (intent === 'end-key') {
      await endKey(app.db, actor, id, app.clock.now());
      return { redirect: `${page}?gjort=lukket#noegler` };
    }
    const key = { id: isUuid(id) ? id : randomUUID(), supplierId: typed.supplier, name: typed.name };
    const secret = await makeKey(app.db, actor, key, app.municipality.receiptPrefix, app.clock.now());
    if (secret === null) return { redirect: `${page}?gjort=noegle#noegler` };
    return { status: 200, outcome: { made: { name: typed.name.trim(), secret }, faults: [], typed: { name: '', supplier: '' } } };
  } catch (error) {
    const status = statusOf(error);
    if (status === null) throw error;
    if (error instanceof InvalidInput) return { status, outcome: { faults: error.faults as Fault<KeyFault>[], typed } };
    return { status, outcome: { faults: [], refusal: (error as Refusal<KeyRefusal>).code, typed } };
  }
}
