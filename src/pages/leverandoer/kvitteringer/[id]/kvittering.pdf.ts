import type { APIRoute } from 'astro';
import { sendReceipt } from '../../../../web/receipts/send.ts';

export const GET: APIRoute = (context) => sendReceipt(context, 'pdf');
