import { existsSync, readFileSync } from 'node:fs';
import { roles } from '@fenxiao/contracts/roles';
import { newId } from '@fenxiao/domain/id';
import type { Bound } from '@fenxiao/service-kit/engine';
import { powersDeclared } from '@fenxiao/service-kit/powers';
import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { describe, expect, it } from '@jest/globals';
import { declaredProcedures } from '../declarations.js';
import { servicesWithProcedures } from './services.js';
import { powersDocument, powersPath, readPowers, type Power } from './powers.js';

const checkedIn = existsSync(powersPath) ? readFileSync(powersPath, 'utf8') : '';

it('docs/powers.md says what is declared (else run `npm run procedures` and review what changed)', async () => {
  expect(checkedIn).toBe(await powersDocument(await declaredProcedures()));
});

it('the walk goes through every service that has procedures', async () => {
  const walked = servicesWithProcedures.map(({ name }) => name);
  expect(walked).toEqual((await declaredProcedures()).map(({ service }) => service));
});

/** Every role tries every move that has a route: refused for want of a power, or let through to whatever comes after. */
describe('every role × every move of every procedure', () => {
  for (const definition of servicesWithProcedures)
    clause(
      'X-02',
      'allowed',
      `${definition.name}: who may do what over HTTP is what the checked-in table says`,
      async () => {
        const h = await harness(definition);
        try {
          const expected = readPowers(checkedIn).filter(({ service }) => service === definition.name);
          expect(await walk(h, definition)).toEqual(new Set(expected.filter(allows).map(key)));
        } finally {
          await h.close();
        }
      },
      120_000,
    );
});

const allows = ({ scope }: Power) => scope !== 'never';
const key = ({ procedure, move, role }: Pick<Power, 'procedure' | 'move' | 'role'>) => `${role}: ${procedure}.${move}`;

/** @returns what was let through */
async function walk(h: Harness, { procedures }: ServiceDefinition): Promise<Set<string>> {
  const through = new Set<string>();
  const tries = (procedures as readonly Bound[]).flatMap(({ procedure }) =>
    [...powersDeclared(procedure)]
      .filter(([, { by }]) => Object.keys(by).some((role) => role !== 'system'))
      .map(([move]) => ({ procedure, move, first: move === procedure.start.move })),
  );
  const region = await h.region('ANY');
  for (const role of roles) {
    const member = await h.staff(role, { regionId: region, unit: 'ANY' });
    await Promise.all(
      tries.map(async ({ procedure, move, first }) => {
        const { status, body } = await attempt(member, `/${procedure.path}`, move, first);
        if (status === 403) expect(body).toMatchObject({ code: 'procedure.no-power', rule: expect.any(String) });
        else through.add(key({ procedure: procedure.name, move, role }));
      }),
    );
  }
  return through;
}

const attempt = (member: Member, path: string, move: string, first: boolean) =>
  move === 'read' ? member.get(path) : member.post(first ? path : `${path}/${newId()}/${move}`);
