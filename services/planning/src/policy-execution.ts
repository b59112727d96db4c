import { formEvents } from '@fenxiao/contracts/event';
import { Id, Line, Note, Ref } from '@fenxiao/contracts/wire';
import { workingDays } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Sql } from '@fenxiao/messaging/sql';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import type { Actor } from '@fenxiao/service-kit/actor';
import { requirePower } from '@fenxiao/service-kit/checks';
import { Who } from '@fenxiao/service-kit/auth';
import { notFound } from '@fenxiao/service-kit/errors';
import { bindForm } from '@fenxiao/service-kit/forms';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { Transactions } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

/** X-09 Execution check of a policy 政策执行检查, one for each region: issued, acknowledged, carried out, verified by another. */
const states = ['issued', 'acknowledged', 'carried-out', 'verified', 'dropped'] as const;
const form = z.object({ policyId: Ref('policy'), regionId: Ref('region'), title: Line });

const region: Powers = { 'regional-manager': 'region' };
const verifiers: Powers = {
  'deputy-general-manager-sales': 'all',
  'sales-manager': 'all',
  'regional-manager': 'region',
};
const readers: Powers = {
  ...verifiers,
  'general-manager': 'all',
  'sales-general-manager': 'all',
  'sales-administrator': 'all',
  auditor: 'all',
};

export const policyExecution = bindForm(
  procedure({
    name: 'policy-execution',
    clause: 'X-09',
    events: formEvents(
      'planning',
      'policy-execution',
      form,
      {
        issued: {},
        acknowledged: {},
        'carried-out': { evidence: Note },
        verified: {},
        'sent-back': {},
        dropped: {},
      },
      { clocks: true },
    ),
    states,
    read: readers,
    start: { move: 'issue', to: 'issued', by: { system: 'all' }, form, fact: 'issued' },
    moves: {
      acknowledge: {
        from: 'issued',
        to: 'acknowledged',
        by: region,
        fact: 'acknowledged',
        clock: { within: workingDays(1), escalateTo: 'deputy-general-manager-sales' },
      },
      carryOut: {
        from: 'acknowledged',
        to: 'carried-out',
        by: region,
        form: z.object({ evidence: Note }),
        fact: 'carried-out',
      },
      verify: { from: 'carried-out', to: 'verified', by: verifiers, fact: 'verified' },
      sendBack: { from: 'carried-out', to: 'acknowledged', by: verifiers, fact: 'sent-back', reason: true },
      drop: { from: ['issued', 'acknowledged', 'carried-out'], to: 'dropped', by: { system: 'all' }, fact: 'dropped' },
    },
  }),
  {
    region: ({ regionId }) => regionId,
    effects: {
      // The owner of a check is who carried it out: nobody verifies that of themselves.
      carryOut: (document, _, work) => {
        document.owner = work.actor.person;
      },
      verify: (document, _, work) => {
        if (document.owner === work.actor.person) throw carriedOutYourself();
      },
    },
    follows: {
      issue: ({ id, region: of, form: { title } }, work) =>
        work.notify(
          {
            kind: 'task',
            procedure: 'policy-execution',
            about: id,
            move: 'acknowledge',
            state: 'issued',
            detail: title as string,
            to: { powers: { 'regional-manager': 'region' }, region: of! },
          },
          'X-09',
        ),
    },
  },
);

type Execution = { id: string; region: string; state: (typeof states)[number] };

export const executionsOf = (sql: Sql, policyId: string) =>
  sql.query<Execution>(
    `SELECT id, region, state FROM form_document
     WHERE procedure = 'policy-execution' AND form->>'policyId' = $1 ORDER BY id`,
    [policyId],
  );

const progress = z.object({
  affected: z.int(),
  verified: z.int(),
  /** verified ÷ affected × 100, two decimals; null before the policy is issued */
  percentage: z.string().nullable(),
  regions: z.array(z.object({ id: Id, region: Id, state: z.enum(states) })),
});

/** in how many of the regions affected a policy is verified. */
@Controller('policies')
@ApiTags('policy')
@ApiBearerAuth()
export class PolicyProgressController {
  constructor(@Inject(Transactions) private readonly transactions: Transactions) {}

  @Get(':id/progress')
  @ApiOperation({ summary: 'Regions verified of those affected, and how far each is' })
  @ApiOkResponse({ schema: openapi(progress, 'output') })
  @(problems(404)[0]!)
  async progress(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string): Promise<z.infer<typeof progress>> {
    requirePower(actor, readers, 'read policy-execution', 'X-09');
    return this.transactions.run(actor, async (work) => {
      const [known] = await work.query(`SELECT FROM form_document WHERE id = $1 AND procedure = 'policy'`, [id]);
      if (!known) throw notFound({ what: 'policy' });
      const regions = await executionsOf(work, id);
      const verified = regions.filter(({ state }) => state === 'verified').length;
      const percentage = regions.length === 0 ? null : ((verified / regions.length) * 100).toFixed(2);
      return { affected: regions.length, verified, percentage, regions };
    });
  }
}

const carriedOutYourself = domainError({
  code: 'planning.policy-execution.carried-out-yourself',
  kind: 'forbidden',
  rule: 'X-09',
  en: 'What you carried out yourself is verified by another.',
  zh: '本人执行的事项须由他人核实。',
});
