const given = process.env['FULL'];

/** How far a test goes: on every change as far as finds faults in minutes, with `npm run test:full` (FULL=1) much farther. */
export const depth = <T>(everyTime: T, full: T): T =>
  ['', '0', 'false', undefined].includes(given) ? everyTime : full;
