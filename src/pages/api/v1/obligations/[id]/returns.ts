import { sendReturn } from '../../../../../forms/programs/send-return.ts';
import { tellReturns } from '../../../../../forms/programs/told.ts';
import { byKey } from '../../../../../web/programs/by-key.ts';

/** What lies in the draft of an obligation and what was filed; or a return that a supplier's program sends. */
export const ALL = byKey((context, actor) => (context.request.method === 'POST' ? sendReturn(context, actor) : tellReturns(context, actor)), ['GET', 'HEAD', 'POST']);
