import type { APIContext } from 'astro';
import { receiptKeys } from '../../documents/receipts/keys.ts';
import { originOf, verifierKey } from '../../platform/audit/checkpoint.ts';
import { json, machine } from '../../web/machine.ts';

/** The public keys that receipts and checkpoints were ever signed with. `verifierKey` is the same key as C2SP signed notes write it. */
export const ALL = machine(async (context: APIContext) => {
  const { app } = context.locals;
  const { name, cvr } = app.municipality;
  const origin = originOf(app.config.siteUrl);
  const keys = await receiptKeys(app.db);
  return json(context, {
    municipality: { name, cvr },
    keys: keys.map((key) => ({ ...key, algorithm: 'Ed25519', verifierKey: verifierKey(origin, Buffer.from(key.publicKey, 'hex')) })),
  });
});
