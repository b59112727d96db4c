/**
 * Order of the longer suites: what takes longest begins first, so that two workers end together (Jest would go by the size of
 * files). Chaos comes last, when the machine is its own: what has to heal in time should not wait for others.
 */
const longest = ['fuzz', 'demonstration', 'northwind', 'loadtests', 'image', 'kafka-log', 'sql-clients', '', 'chaos'];
const place = ({ path }) => {
  const found = longest.findIndex((name) => path.endsWith(`/${name}.e2e.ts`));
  return found === -1 ? longest.indexOf('') : found;
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
