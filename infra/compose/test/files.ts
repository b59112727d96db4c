/** What compose.yaml and the Dockerfile say, as far as the tests need to follow them. There is no container engine here. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';

export const folder = fileURLToPath(new URL('../', import.meta.url));
export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

export interface Service {
  image: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: string[] | Record<string, { condition: string }>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: object;
}
export interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, null>;
}

/** compose.yaml with its anchors merged and its variables as they stand. */
export const composeFile = (): Compose => parse(read('compose.yaml'), { merge: true, maxAliasCount: -1 }) as Compose;

export const example = (): Record<string, string> => parseEnv(read('.env.example')) as Record<string, string>;

/** `${NAME}`, `${NAME:-default}` and `${NAME:?why}`, the only forms used. */
export const variable = /\$\{(\w+)(?::([-?])([^}]*))?\}/g;

/** The text with its variables put in. @throws Error with the file's own words where one is missing */
export const interpolate = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(variable, (_, name: string, kind?: string, rest = '') => {
    const value = values[name];
    if (value) return value;
    if (kind !== '-') throw new Error(`${name} is missing: ${rest}`);
    return rest;
  });

export type Step = { run: string } | { copy: string[]; to: string; from?: string };
export interface Stage {
  name: string;
  from: string;
  steps: Step[];
  /** every other instruction, the last of each name */
  says: Record<string, string>;
}

/** The stages of a Dockerfile. Knows COPY with `--from` alone, RUN in shell form, and what only says something. */
export function stages(text: string): Stage[] {
  const found: Stage[] = [];
  for (const line of text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter(Boolean)) {
    const [, instruction = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
    const stage = found.at(-1);
    if (instruction === 'FROM') {
      const [from = '', , name = `stage ${found.length}`] = rest.split(/\s+/);
      found.push({ name, from, steps: [], says: {} });
    } else if (instruction === 'RUN') stage!.steps.push({ run: rest });
    else if (instruction === 'COPY') {
      const words = rest.split(/\s+/);
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      const paths = words.filter((word) => !word.startsWith('--'));
      stage!.steps.push({ copy: paths.slice(0, -1), to: paths.at(-1)!, ...(from === undefined ? {} : { from }) });
    } else stage!.says[instruction] = rest;
  }
  return found;
}
