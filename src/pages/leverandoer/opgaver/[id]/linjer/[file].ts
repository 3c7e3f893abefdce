import type { APIContext } from 'astro';
import { sendFaults } from '../../../../../forms/supplier/task-lines.ts';

/** The lines of a draft with their faults. */
export function GET(context: APIContext): Promise<Response> {
  return sendFaults(context);
}
