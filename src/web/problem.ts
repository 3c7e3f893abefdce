import { InvalidInput, Refusal } from '../platform/refusal.ts';

/** What went wrong with a request, for the page that says so. */
export interface Problem {
  readonly status: 403 | 404 | 413 | 500 | 503;
  readonly requestId: string;
}

/** The HTTP status of what a use case threw; null for a bug. HTTP lives here and nowhere in the features. */
export function statusOf(error: unknown): 400 | 403 | 404 | 422 | 429 | null {
  if (error instanceof InvalidInput) return 400;
  if (!(error instanceof Refusal)) return null;
  switch (error.code) {
    case 'not-found':
      return 404;
    case 'not-allowed':
      return 403;
    case 'too-many-guesses':
      return 429;
    default:
      return 422;
  }
}

const awayCodes = new Set(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P02', '57P03', '53300']);

/** Whether the database could not be reached: the request may be tried again in a moment. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // No socket to connect to; any other file that is not there is a fault of ours.
  if (code === 'ENOENT') return syscall === 'connect';
  return (typeof code === 'string' && awayCodes.has(code)) || /Connection terminated|timeout exceeded when trying to connect/.test(error.message);
}
