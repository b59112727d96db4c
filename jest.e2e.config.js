import base from './jest.config.js';

/** The longer suites: the whole stack as users start it, and what breaks it. They need `npm run build`. */
const { globalSetup: _, globalTeardown: __, ...rest } = base;
export default {
  ...rest,
  testMatch: ['**/*.e2e.ts'],
  // each starts what it needs on folders and ports of its own, and waits for processes half of its time
  maxWorkers: 2,
  maxConcurrency: 2,
  testSequencer: '<rootDir>/scripts/longest-first.js',
  testTimeout: 240_000,
};
