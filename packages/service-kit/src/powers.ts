import { powerChangeEvents, powerChangeForm } from '@fenxiao/contracts/powers';
import { domainError } from '@fenxiao/domain/domain-error';
import { classesOf } from '@fenxiao/procedures/classes';
import { staff } from '@fenxiao/procedures/powers';
import { kebab, procedure, type Move, type Powers, type Procedure, type Start } from '@fenxiao/procedures/procedure';
import type { z } from 'zod';
import { authorityLimit, decidedByGeneralManager, type Authority } from './authority.js';
import type { AnyBound, Bound } from './engine.js';
import { erasure, type EraseElsewhere } from './erasure.js';
import { bindForm } from './forms.js';

/**
 * X-02 Powers are data 权限: the declarations say who may do what; a power change alters that for one role and one move,
 * by a proposal of personnel and the general manager's approval. Each service keeps its own.
 */
type Change = z.infer<typeof powerChangeForm>;

/** Who administers or looks on takes no business decision, whatever is proposed (catalogue, section 0.2). */
const noBusiness = ['system-administrator', 'auditor', 'importer'];

/** The moves of a procedure that people may make, and `read`; by their names in paths. */
export const powersDeclared = (p: Procedure): Map<string, { by: Powers; move?: Move | Start }> =>
  new Map<string, { by: Powers; move?: Move | Start }>([
    ['read', { by: p.read }],
    [kebab(p.start.move), { by: p.start.by, move: p.start }],
    ...Object.entries<Move>(p.moves).map(([name, move]) => [kebab(name), { by: move.by, move }] as const),
  ]);

export const powerChange = (service: string, procedures: readonly AnyBound[]) =>
  bindForm(
    procedure({
      name: 'power-change',
      clause: 'X-02',
      events: powerChangeEvents(service),
      states: ['proposed', 'approved', 'rejected'],
      read: staff,
      start: {
        move: 'propose',
        to: 'proposed',
        by: { 'human-resources': 'all', 'system-administrator': 'all' },
        form: powerChangeForm,
        fact: 'proposed',
      },
      moves: decidedByGeneralManager,
    }),
    {
      region: () => null,
      onOpen: (change, work) => {
        if (change.validFrom < work.today) throw inThePast({ date: change.validFrom }, { field: 'validFrom' });
        requireChangeable(procedures, change);
      },
    },
  );

/** @throws unknownMove, fixed: what the regulation itself says stays */
function requireChangeable(procedures: readonly AnyBound[], { procedure: name, move, role, power }: Change): void {
  const declared = (procedures as readonly Bound[]).find((bound) => bound.procedure.name === name)?.procedure;
  const found = declared && powersDeclared(declared).get(move);
  if (!found) throw unknownMove({ move: `${name}.${move}` }, { field: 'move' });
  const onlySystem = Object.keys(found.by).every((holder) => holder === 'system');
  const gives = power !== 'never' && power !== 'as-declared';
  const decision = found.move && 'decides' in found.move && found.move.decides;
  const forbidden =
    found.by[role] === 'never' || onlySystem || (gives && (decision || (found.move && noBusiness.includes(role))));
  if (forbidden) throw fixed({ role, move: `${name}.${move}` }, { field: 'power' });
}

/**
 * The procedures of a service with those every service has: changes of powers; erasing, where it keeps what tells of people;
 * changes of the limits of authority it uses.
 * @param authorities what is decided here within a limit
 * @param elsewhere what is erased of a subject beside its own fields
 */
export const withPlatform = (
  service: string,
  own: readonly AnyBound[],
  authorities: readonly Authority[] = [],
  elsewhere: readonly EraseElsewhere[] = [],
): readonly AnyBound[] => [
  ...own,
  powerChange(service, own),
  ...(own.some(({ procedure: p }) => classesOf(p as Procedure).personal.size > 0)
    ? [erasure(service, own, elsewhere)]
    : []),
  ...(authorities.length > 0 ? [authorityLimit(service, authorities)] : []),
];

const unknownMove = domainError({
  code: 'powers.unknown-move',
  kind: 'unprocessable',
  rule: 'X-02',
  en: 'There is no move {move} here.',
  zh: '此处没有操作{move}。',
});
const fixed = domainError({
  code: 'powers.fixed',
  kind: 'forbidden',
  rule: 'X-02',
  en: 'The power of {role} over {move} is fixed by the regulations.',
  zh: '{role}对{move}的权限由制度规定，不得变更。',
});
const inThePast = domainError({
  code: 'powers.in-the-past',
  kind: 'unprocessable',
  rule: 'X-02',
  en: 'Powers can not be changed in the past ({date}).',
  zh: '权限变更的生效日期（{date}）不得早于今天。',
});
