export { teardown as default } from './src/stack.ts';
