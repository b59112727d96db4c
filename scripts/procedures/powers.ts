import { roles, type Role } from '@fenxiao/contracts/roles';
import { label } from '@fenxiao/domain/dictionary';
import type { Scope } from '@fenxiao/procedures/procedure';
import { powersDeclared } from '@fenxiao/service-kit/powers';
import prettier from 'prettier';
import { root, type ServiceProcedures } from '../declarations.js';

/**
 * docs/powers.md: what each role may do, for people to review. The walk (`powers.spec.ts`) makes every role try every
 * move over HTTP and holds the answers against this table, so a change of a power is a change somebody has read.
 */
export const powersPath = new URL('docs/powers.md', root);

const scopes = ['own', 'region', 'unit', 'all', 'never'] as const satisfies readonly (Scope | 'never')[];

/** One power: `orders`, `order`, `place`, `salesperson`, `region`. */
export interface Power {
  readonly service: string;
  readonly procedure: string;
  readonly move: string;
  readonly role: string;
  readonly scope: string;
}

/** The whole document, as prettier formats it. */
export async function powersDocument(all: readonly ServiceProcedures[]): Promise<string> {
  const powers = all.flatMap(({ service, procedures }) =>
    procedures.flatMap((p) =>
      [...powersDeclared(p)].flatMap(([move, { by }]) =>
        Object.entries(by).map(([role, scope]): Power => ({ service, procedure: p.name, move, role, scope })),
      ),
    ),
  );
  const parts = roles.map((role) =>
    section(
      role,
      powers.filter((power) => power.role === role),
    ),
  );
  const text = [introduction, ...parts].join('\n\n');
  return prettier.format(text, { ...(await prettier.resolveConfig(powersPath)), parser: 'markdown' });
}

const introduction = `# Powers 权限

<!-- Written by \`npm run procedures\` from the declarations in services/*/src; change those instead. -->

What each role may do, as the regulations are declared. \`own\`: what the person made or owns; \`region\`: the position's
region and those below it; \`unit\`: its department; \`never\`: not even by another role the person holds. What a company
has changed by its own decision stands in \`GET /powers\` of each service. \`npm test -- scripts/procedures\` makes every
role try every move and compares.`;

function section(role: Role, powers: readonly Power[]): string {
  const title = label(role);
  const heading = `## ${role} ${title.zh}`;
  if (powers.length === 0) return `${heading}\n\nNone yet.`;
  const procedures = [...new Set(powers.map(({ service, procedure }) => `${service} ${procedure}`))];
  const rows = procedures.map((name) => {
    const of = powers.filter(({ service, procedure }) => `${service} ${procedure}` === name);
    const cells = scopes.map((scope) =>
      of
        .filter((power) => power.scope === scope)
        .map(({ move }) => move)
        .join(', '),
    );
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return [heading, '', `| | ${scopes.join(' | ')} |`, `|${' --- |'.repeat(scopes.length + 1)}`, ...rows].join('\n');
}

/** Reads the document back. @throws Error for a line that is no row of a table */
export function readPowers(text: string): Power[] {
  let role = '';
  return text.split('\n').flatMap((line) => {
    role = /^## (\S+)/.exec(line)?.[1] ?? role;
    const cells = /^\|(.*)\|$/
      .exec(line)?.[1]!
      .split('|')
      .map((cell) => cell.trim());
    const [service, procedure] = cells?.[0]?.split(' ') ?? [];
    if (!cells || !service || !procedure) return [];
    return scopes.flatMap((scope, i) =>
      cells[i + 1]!.split(', ').flatMap((move) => (move ? [{ service, procedure, move, role, scope }] : [])),
    );
  });
}
