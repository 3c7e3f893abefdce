import type { APIRoute } from 'astro';
import { sendReceipt } from '../../../../web/receipt.ts';

export const GET: APIRoute = (context) => sendReceipt(context, 'pdf');
