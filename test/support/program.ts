import { randomUUID } from 'node:crypto';
import type { TestServer } from './server.ts';
import { fieldValue, type Visitor } from './visitor.ts';

/** A supplier's program: a key, no cookie, no origin. */
export class Program {
  readonly #base: string;
  readonly #key: string | null;

  constructor(base: string, key: string | null) {
    this.#base = base;
    this.#key = key;
  }

  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.#base + path, { ...init, redirect: 'manual', headers: { ...(this.#key !== null && { authorization: `Bearer ${this.#key}` }), ...init.headers } });
  }

  post(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
    return this.ask(path, { method: 'POST', body, headers });
  }

  send(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.post(path, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
  }
}

const settings = '/leverandoer/indstillinger';

/** Makes a key as a person does; resolves to the page that shows it. */
export async function pressMake(visitor: Visitor, name: string, supplier = ''): Promise<{ status: number; html: string; secret: string; form: Record<string, string> }> {
  const form = { intent: 'make-key', key: formId(await visitor.text(settings)), 'key-name': name, 'key-supplier': supplier };
  const answer = await visitor.post(settings, form);
  const html = await answer.text();
  return { status: answer.status, html, secret: /id="secret"[^>]*>([^<]*)</.exec(html)?.[1] ?? '', form };
}

/** The id of the form that makes a key: the last of the page. */
const formId = (html: string): string => fieldValue(html.slice(html.lastIndexOf('<form')), 'key');

/** A program with a key that this person has made. */
export async function programOf(server: TestServer, visitor: Visitor, name = 'ERP'): Promise<Program> {
  return new Program(server.base, (await pressMake(visitor, name)).secret);
}

/** A task of its own for 90000004 that asks for lines of the third quarter of 2026 under agreement 2024-031. */
export async function returnTask(
  { database: { owner } }: Pick<TestServer, 'database'>,
  over: { type?: string; state?: string; due_on?: string } = {},
): Promise<{ id: string; agreement: string; returns: string }> {
  const agreement = '2024-031';
  const place = await owner.db
    .selectFrom('agreement_supplier as l')
    .innerJoin('agreement as a', 'a.id', 'l.agreement_id')
    .innerJoin('supplier as s', 's.id', 'l.supplier_id')
    .select(['l.agreement_id', 'l.supplier_id'])
    .where('a.number', '=', agreement)
    .where('s.cvr', '=', '90000004')
    .limit(1)
    .executeTakeFirstOrThrow();
  const row = { type: 'salgsstatistik', state: 'open', due_on: '2026-12-01', ...over };
  const { id } = await owner.db
    .insertInto('obligation')
    .values({ ...place, requirement_id: `krav-${randomUUID()}`, period: '2026-Q3', opens_on: '2026-10-01', shown_publicly: true, ...row })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, agreement, returns: `/api/v1/obligations/${id}/returns` };
}
