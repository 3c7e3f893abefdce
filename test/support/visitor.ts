import http from 'node:http';
import { demoPassword } from './known.ts';

/** A person with a browser that has no script and one cookie jar, as plain HTTP. */
export class Visitor {
  readonly #base: string;
  readonly #cookies = new Map<string, string>();

  constructor(base: string) {
    this.#base = base;
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#cookies.size > 0) headers.set('cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    if (init.method && init.method !== 'GET' && !headers.has('origin') && !headers.has('sec-fetch-site')) headers.set('origin', this.#base);
    const response = await fetch(this.#base + path, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (attributes.some((attribute) => attribute.trim().toLowerCase() === 'max-age=0')) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  get(path: string): Promise<Response> {
    return this.request(path);
  }

  async text(path: string): Promise<string> {
    return (await this.request(path)).text();
  }

  post(path: string, body: Record<string, string> | FormData, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(path, { method: 'POST', body: body instanceof FormData ? body : new URLSearchParams(body), headers });
  }

  async logIn(email: string, password = demoPassword): Promise<Response> {
    return this.post('/log-ind', { email, password });
  }
}

/** The value of a hidden or other field in a page. */
export function fieldValue(html: string, name: string): string {
  return new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1] ?? '';
}

/** What a reader sees: tags and styles removed. */
export function visibleText(html: string): string {
  return html
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&quot;|&#34;/g, '"')
    .replace(/&amp;|&#38;/g, '&')
    .replace(/\s+/g, ' ');
}

/** A request as no browser would send it. A body that is shorter than its content-length says is left open. */
export function rawRequest(base: string, options: http.RequestOptions, body = ''): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, ...options }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    if (options.headers && 'content-length' in options.headers) request.flushHeaders();
    else request.end(body);
  });
}
