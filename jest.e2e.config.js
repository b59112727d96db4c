import base from './jest.config.js';

/**
 * The longer suites: the whole stack as users start it. They need `npm run build`. Those that take many minutes each
 * (the fuzzer, the load mix, twenty faults) run with LONG=1: `npm run test:long`.
 */
const { globalSetup: _, globalTeardown: __, ...rest } = base;
const long = ['/scripts/stack/fuzz\\.', '/scripts/chaos/', '/loadtests/'];
export default {
  ...rest,
  testMatch: ['**/*.e2e.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.LONG ? [] : long)],
  maxWorkers: 1,
  testTimeout: 120_000,
};
