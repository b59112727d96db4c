import base from './jest.config.js';

/** The longer suites: the whole stack as users start it, and what breaks it. They need `npm run build`. */
const { globalSetup: _, globalTeardown: __, ...rest } = base;
export default {
  ...rest,
  testMatch: ['**/*.e2e.ts'],
  maxWorkers: 1,
  testTimeout: 120_000,
};
