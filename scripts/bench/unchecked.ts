/**
 * `node --import <this file>`: the service with its permission checks taken out of the compiled kit, for `bench:orders`
 * to compare with. Who is there is still asked; what the positions allow is not.
 */
import { registerHooks } from 'node:module';

const checks = ['powerTo', 'heldBy', 'roleFor', 'reachOf'];
const unchecked = `
const first = ({ positions: [position] }) => ({ role: position.roles[0], position });
export const powerTo = () => undefined;
export const heldBy = first;
export const roleFor = first;
export const reachOf = () => ({ all: true, regions: [], units: [], own: [] });`;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/service-kit/dist/actor.js')) return loaded;
    const source = checks.reduce(
      (text, name) => {
        const declaration = `export function ${name}(`;
        if (!text.includes(declaration)) throw new Error(`${name} is not declared in the kit's actor.js`);
        return text.replace(declaration, `function checked_${name}(`);
      },
      Buffer.from(loaded.source as Uint8Array).toString(),
    );
    return { ...loaded, source: source + unchecked };
  },
});
