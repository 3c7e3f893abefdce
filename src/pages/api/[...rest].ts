import { machine, problem } from '../../web/machine.ts';

/** What is not there is said to machines in their own form. */
export const ALL = machine(async (context) => problem(context, 'not-found'));
