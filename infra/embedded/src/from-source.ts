/**
 * For tests: `node --import <this file> x.ts` runs a program from its sources. Node strips the types itself; all that is
 * missing is that our relative imports name the compiled file (`./x.js`), which is not there.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const ours = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
