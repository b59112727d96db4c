/**
 * `npm run boundaries`: no file imports what `.dependency-cruiser.js` forbids, and every workspace declares what it
 * imports of ours. It first proves on the fixture that what is forbidden is seen: rules that match nothing pass for ever.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

process.chdir(fileURLToPath(new URL('../../', import.meta.url)));
const fixture = 'scripts/fixtures/boundary-violation';
const options = await extractOptions('./.dependency-cruiser.js');

async function cruised(folders: string[], leaveOut: string[] = []): Promise<ICruiseResult> {
  const path = [options.exclude as string, ...leaveOut];
  const { output } = await cruise(folders, { ...options, exclude: { path } });
  return output as ICruiseResult;
}

const comments = new Map(options.ruleSet?.forbidden?.map(({ name, comment }) => [name, comment]));

/** `a.ts → b.ts: the rule (why)`; a cycle is written out, a rule about one file names it once. */
const sentences = ({ summary }: ICruiseResult) =>
  summary.violations
    .map(({ rule, from, to, cycle }) => {
      const way = cycle ? [from, ...cycle.map(({ name }) => name)] : [...new Set([from, to])];
      const why = comments.get(rule.name);
      return `${way.join(' → ')}: ${rule.name}${why ? ` (${why})` : ''}`;
    })
    .toSorted();

const forbiddenHere = [
  `${fixture}/packages/domain/src/order-fact.ts → packages/contracts/src/event.ts: packages/domain imports only what it may`,
  `${fixture}/services/orders/src/credit-check.ts → ${fixture}/services/distributors/src/credit.ts: services/* imports only what it may`,
  `${fixture}/services/orders/src/credit-check.ts → packages/testing/src/wait.ts: only tests import packages/testing`,
];
const seen = sentences(await cruised([fixture]));
const unseen = forbiddenHere.filter((violation) => !seen.some((sentence) => sentence.startsWith(violation)));
if (unseen.length > 0) {
  console.error(`Violations that are not caught, so the check is blind:\n${unseen.join('\n')}`);
  process.exit(1);
}

const result = await cruised(['packages', 'services', 'infra', 'dashboards', 'scripts'], [`^${fixture}/`]);
const faults = [...sentences(result), ...undeclared(result)];
for (const fault of faults) console.error(fault);
const { totalCruised, totalDependenciesCruised = 0 } = result.summary;
console.log(`Boundaries: ${totalCruised} files, ${totalDependenciesCruised} imports, ${faults.length} faults.`);
process.exit(faults.length > 0 ? 1 : 0);

/** Imports of ours that the workspace's package.json does not name: they resolve here and break where it is installed alone. */
function undeclared({ modules }: ICruiseResult): string[] {
  const used = modules
    .filter(
      ({ source }) =>
        /^(packages|services|infra|dashboards)\//.test(source) && !/\.(spec|suite)\.ts$|\/test\//.test(source),
    )
    .flatMap(({ source, dependencies }) =>
      dependencies
        .filter((dependency) => dependency.module.startsWith('@fenxiao/'))
        .map((dependency) => ({
          workspace: workspaceOf(source),
          name: dependency.module.split('/').slice(0, 2).join('/'),
        })),
    );
  const faults = used
    .filter(({ workspace, name }) => !declaredIn(workspace).includes(name))
    .map(({ workspace, name }) => `${workspace}/package.json does not declare ${name}, which its sources import`);
  return [...new Set(faults)].toSorted();
}

function workspaceOf(file: string): string {
  const folder = dirname(file);
  return existsSync(`${folder}/package.json`) ? folder : workspaceOf(folder);
}

function declaredIn(workspace: string): string[] {
  const manifest = JSON.parse(readFileSync(`${workspace}/package.json`, 'utf8')) as Record<string, object | undefined>;
  return [manifest['dependencies'], manifest['devDependencies']].flatMap((names) => Object.keys(names ?? {}));
}
