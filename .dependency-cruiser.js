/**
 * Who may import whom, type-only imports included. `npm run boundaries` applies it, and proves on a copy of the layout
 * in scripts/fixtures that violations are caught: hence the second place a path may begin.
 */
const inRepository = '(?:^|^scripts/fixtures/boundary-violation/)';
const ours = `${inRepository}(?:packages|services|infra|dashboards|scripts|loadtests)/`;
const test = '\\.(?:spec|suite)\\.ts$|/test/|^packages/testing/';

/** What each part may import of ours, beside itself. */
const layers = {
  'packages/domain': [],
  'packages/contracts': ['packages/domain'],
  'packages/procedures': ['packages/domain', 'packages/contracts'],
  'packages/messaging': ['packages/domain', 'packages/contracts'],
  'packages/service-kit': ['packages/(?:domain|contracts|procedures|messaging)'],
  'packages/testing': ['packages', 'infra/embedded'],
  'infra/embedded': ['packages/domain'],
  dashboards: ['packages/(?:domain|contracts)'],
  'services/analytics': ['packages', 'dashboards'],
  'services/(?!analytics/)[^/]+': ['packages'],
};

const layerRules = Object.entries(layers).map(([part, allowed]) => ({
  name: `${part.replace(/\(.*/, '*')} imports only what it may`,
  severity: 'error',
  comment:
    allowed.length === 0
      ? 'nothing of ours'
      : `of ours only itself and ${allowed.join(', ')}; tests also packages/testing`,
  from: { path: `${inRepository}(${part})/`, pathNot: [] },
  to: {
    path: ours,
    pathNot: [
      `${inRepository}$1/`,
      `${inRepository}packages/testing/`,
      ...allowed.map((path) => `${inRepository}${path}/`),
    ],
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    {
      name: 'only tests import packages/testing',
      severity: 'error',
      comment: 'it starts databases and forges tokens',
      from: { pathNot: [test, '^scripts/(?!fixtures/)'] },
      to: { path: `${inRepository}packages/testing/` },
    },
    {
      name: 'the pure packages know no framework',
      severity: 'error',
      comment: 'domain, contracts and procedures are rules: no web server, database or broker',
      from: { path: `${inRepository}packages/(?:domain|contracts|procedures)/`, pathNot: '\\.spec\\.ts$' },
      to: {
        path: 'node_modules/(?:@nestjs|@mikro-orm|@fastify|fastify|pg|kysely|kafkajs|rxjs|prom-client|@clickhouse)/',
      },
    },
    {
      name: 'no cycles',
      severity: 'error',
      comment: 'of what is loaded; types may refer to each other, since nothing of them is left when the program runs',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no forgotten files',
      severity: 'error',
      comment: 'nobody imports it and it is no entry point',
      from: {},
      module: {
        numberOfDependentsLessThan: 1,
        pathNot: [
          test,
          '/(?:main\\.tsx?|build\\.js)$', // programs
          '^infra/embedded/src/(?:from-source|commands|databases|mint-token|gateway|stop-with-parent)\\.ts$', // started by path
          '^services/console/src/(?:demo|demo-day|import/cli)\\.ts$',
          '^packages/contracts/src/', // published: others may consume what we do not
          '^scripts/',
          '\\.d\\.ts$',
        ],
      },
    },
    {
      name: 'every import leads somewhere',
      severity: 'error',
      comment: 'a misspelt subpath, or a package nobody installed',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'packages are declared where they are used',
      severity: 'error',
      comment: "in the dependencies of the workspace's own package.json; tests may use the root's",
      from: { pathNot: [test, '^scripts/', '^dashboards/viewer/'] }, // the viewer is bundled: nothing is installed with it
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    parser: 'swc', // TypeScript 7 has no parser that JavaScript can call
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: '^(?:packages/[^/]+|services/[^/]+|infra/embedded|dashboards)/dist/',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@fenxiao/source', 'node', 'import', 'default'],
    },
  },
};
