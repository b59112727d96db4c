import { newId } from '@fenxiao/domain/id';
import type { Base, Entity } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';

/** A subject that comes in from the books of the past, in the state it had there. */
export const historic = (work: Work, state: string): Base => ({
  ...{
    id: newId(),
    state,
    version: 1,
    events: 0,
    region: null,
    unit: null,
    createdBy: work.actor.person,
    owner: null,
    approvals: [],
  },
  ...{ createdAt: work.now, enteredAt: work.now },
});

/** History enters by one move of the import role: `record-historic`. */
export const stampOf = (subject: Pick<Entity, 'state' | 'region'>, procedure: string, rule: string) => ({
  ...{ role: 'importer', rule, region: subject.region ?? undefined },
  move: { procedure, name: 'record-historic', to: subject.state },
});
