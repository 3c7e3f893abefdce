/** What every test may count on. */
export const demoPassword = 'prøve-adgang-2026';
export const testNow = new Date('2026-11-23T10:00:00+01:00');
export const testToday = '2026-11-23';
