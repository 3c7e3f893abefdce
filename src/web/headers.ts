/** Sent with every answer; pages replace the policy by their own, which allows their one stylesheet. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Two years, for https only: browsers ignore it on plain http, and a demonstration must not pin localhost. */
export const strictTransport = 'max-age=63072000; includeSubDomains';

/** For the search's worker alone: it compiles WebAssembly, which no page of ours may. */
export const searchWorkerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/** The policy of a page: its own stylesheet by hash, our own fonts, pictures and scripts, forms to ourselves, nothing else. */
export function pagePolicy(styleHash: string, { startsWorker = false } = {}): string {
  return [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    "script-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    // The pages that search and send files have one policy each, made by their script, and start one worker.
    startsWorker ? 'trusted-types default' : "trusted-types 'none'",
    ...(startsWorker ? ["worker-src 'self'"] : []),
  ].join('; ');
}
