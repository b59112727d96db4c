/** Jest loads global setup with Node itself, not through its transform: see the flags of `npm test`. */
export { setup as default } from './src/stack.ts';
