/**
 * `node --import <this file> x.ts` runs programs that load services. Node strips types but knows no decorators, so
 * every TypeScript file goes through swc with the settings of the tests, which have their one home in jest.config.js.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync, type Options } from '@swc/core';
import jest from '../jest.config.js';
import '../infra/embedded/src/from-source.ts';

const [, options] = jest.transform['^.+\\.ts$'] as [string, Options];

registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...options, filename, swcrc: false });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
