/** Order of the longer suites: what takes longest begins first, so that two workers end together. Jest knows sizes of files only. */
const longest = ['fuzz', 'chaos', 'demonstration', 'northwind', 'loadtests', 'image', 'kafka-log', 'sql-clients'];
const place = ({ path }) => {
  const found = longest.findIndex((name) => path.endsWith(`/${name}.e2e.ts`));
  return found === -1 ? longest.length : found;
};

export default class LongestFirst {
  sort(tests) {
    return [...tests].sort((a, b) => place(a) - place(b) || a.path.localeCompare(b.path));
  }
  /** Jest asks for these, too; what failed or how long it took last time changes nothing. */
  allFailedTests(tests) {
    return tests;
  }
  cacheResults() {}
}
