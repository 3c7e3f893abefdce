import { afterAll, afterEach, expect, vi } from 'vitest';
import { cleanUp } from './clean-up.ts';

/** A test in which something is written to console.error that it did not expect has failed. */
const stray = vi.spyOn(console, 'error');
afterEach(() => {
  const calls = stray.mock.calls.map((call) => call.join(' '));
  stray.mockClear();
  expect(calls).toEqual([]);
});

afterAll(cleanUp);
