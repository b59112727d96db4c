import {
  capaActionForm,
  capaCauseForm,
  capaClosingForm,
  capaContainmentForm,
  capaEffectForm,
  capaEvents,
  capaForm,
  capaImplementationForm,
  capaPreventionForm,
  capaProblemForm,
  capaTeamForm,
  capaTestForm,
  type CapaStep,
} from '@fenxiao/contracts/quality-forms';
import { Id, Line, Note } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import { dueAt, type Capa } from './capa-tables.js';

/**
 * C-09 Root cause and repeat 预防和纠正措施: 8D from severity `serious` or the third repeat of product and defect in 90 days.
 * What its moves do stands in `capa.ts`.
 */
const lead: Powers = { 'quality-control': 'all' };
const fill: Powers = { ...lead, 'technical-department': 'all', 'production-department': 'all' };
const system: Powers = { system: 'all' };

/** A step's limit runs from the opening, whatever the steps before it took; the last days are announced. */
const limit = (step: CapaStep, ...remindDaysBefore: number[]) =>
  ({
    within: (subject: Capa, calendar: BusinessCalendar) => dueAt(subject, step, calendar),
    step,
    remindDaysBefore,
    escalateTo: 'deputy-general-manager-sales',
  }) as const;

const joining = z.object({ joinedId: Id, joinedNumber: Line });

export const capaProcedure = procedure({
  name: 'capa',
  clause: 'C-09',
  events: capaEvents,
  states: [
    ...(['opened', 'contained', 'cause-found', 'action-chosen', 'action-verified'] as const),
    ...(['carried-out', 'prevention-set', 'verified', 'closed'] as const),
  ],
  read: {
    ...fill,
    'general-manager': 'all',
    'branch-general-manager': 'all',
    'sales-general-manager': 'all',
    'deputy-general-manager-sales': 'all',
    'sales-manager': 'all',
    'sales-administrator': 'all',
    'sales-support-clerk': 'all',
    'order-clerk': 'all',
    'regional-manager': 'region',
    salesperson: 'region',
    'head-of-department': 'all',
    auditor: 'all',
  },
  page: { title: 'capa', sign: ['quality-control', 'technical-department', 'production-department', 'sales-manager'] },
  archive: { states: ['closed'], copies: [{ holder: 'quality-control', kind: 'original' }] },
  start: {
    move: 'open',
    to: 'opened',
    by: {
      'quality-control': 'all',
      'technical-department': 'all',
      'sales-manager': 'all',
      'deputy-general-manager-sales': 'all',
      ...system,
    },
    form: capaForm,
    fact: 'opened',
  },
  moves: {
    nameTeam: {
      from: 'opened',
      to: ['opened', 'contained'],
      by: lead,
      form: capaTeamForm,
      fact: 'team-named',
      clock: limit('team', 0),
    },
    describeProblem: {
      from: 'opened',
      to: ['opened', 'contained'],
      by: fill,
      form: capaProblemForm,
      fact: 'problem-described',
      clock: limit('problem', 0),
    },
    contain: { from: 'opened', by: fill, form: capaContainmentForm, fact: 'contained', clock: limit('containment', 0) },
    confirmContainment: {
      from: 'opened',
      to: ['opened', 'contained'],
      by: lead,
      form: z.object({ effectChecked: Note }),
      fact: 'containment-confirmed',
      clock: limit('containment-check', 0),
    },
    /** D4 can't start before D3 is confirmed */
    findCause: {
      from: 'contained',
      to: 'cause-found',
      by: fill,
      form: capaCauseForm,
      fact: 'cause-found',
      clock: limit('root-cause', 3, 0),
    },
    /** D5 is chosen and verified within one limit, however often its test fails */
    chooseAction: {
      from: 'cause-found',
      to: 'action-chosen',
      by: fill,
      form: capaActionForm,
      fact: 'action-chosen',
      clock: limit('permanent-action', 3, 0),
    },
    verifyAction: {
      from: 'action-chosen',
      to: ['action-verified', 'cause-found'],
      by: fill,
      form: capaTestForm,
      fact: 'action-tested',
      clock: limit('permanent-action', 3, 0),
    },
    /** D6 needs D5 verified */
    carryOut: {
      from: 'action-verified',
      to: 'carried-out',
      by: fill,
      form: capaImplementationForm,
      fact: 'carried-out',
      clock: limit('implementation', 7, 0),
    },
    prevent: {
      from: 'carried-out',
      to: 'prevention-set',
      by: fill,
      form: capaPreventionForm,
      fact: 'prevention-set',
      clock: limit('prevention', 7, 0),
    },
    verify: {
      from: 'prevention-set',
      to: ['verified', 'contained'],
      by: { ...lead, 'technical-department': 'all' },
      form: capaEffectForm,
      fact: 'verified',
      clock: limit('closing', 14, 0),
    },
    /** D8 needs the effectiveness check */
    close: {
      from: 'verified',
      to: 'closed',
      by: lead,
      form: capaClosingForm,
      fact: 'closed',
      clock: limit('closing', 14, 0),
    },
    join: {
      from: ['opened', 'contained', 'cause-found', 'action-chosen', 'action-verified'],
      by: system,
      form: joining,
      fact: 'complaint-joined',
    },
    /** a repeat inside 90 days: what was done did not help */
    reopen: {
      from: ['carried-out', 'prevention-set', 'verified', 'closed'],
      to: 'contained',
      by: system,
      form: joining,
      fact: 'reopened',
    },
  },
});
