import verifier from '../../documents/receipts/verify.ts?raw';

/** The program that checks receipts, word for word as the site runs it. */
export const GET = (): Response => new Response(verifier, { headers: { 'content-type': 'text/plain; charset=utf-8', 'content-disposition': 'attachment; filename="verify.ts"' } });
