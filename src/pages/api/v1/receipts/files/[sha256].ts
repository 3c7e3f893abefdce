import { placeOf } from '../../../../../alerts/address.ts';
import { askAboutFile } from '../../../../../documents/receipts/known-file.ts';
import { machine, problem } from '../../../../../web/machine.ts';

/** Whether a file with this SHA-256 was ever filed, and on which day first (Danish time). Nothing else of it is told. */
export const ALL = machine(async (context) => {
  const sha256 = context.params['sha256'] ?? '';
  if (!/^[0-9a-f]{64}$/.test(sha256)) return problem(context, 'bad-parameter');
  const answer = await askAboutFile(context.locals.app.db, sha256, placeOf(context.locals.clientAddress));
  if (answer === 'too-many') return problem(context, 'too-many', [], { 'retry-after': '900', 'cache-control': 'no-store' });
  const body = answer.receivedOn ? { known: true, receivedOn: answer.receivedOn } : { known: false };
  // Not for other sites' pages: a visitor there would ask in their own name.
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } });
});
