import { readConfirmationEvents, readConfirmationForm } from '@fenxiao/contracts/regulations';
import { Id } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { ownMatters, staff } from '@fenxiao/procedures/powers';
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

/** X-10 Read confirmation 阅读确认: everybody confirms each version in force once, and nobody for another. */
export const readConfirmation = bindForm(
  procedure({
    name: 'read-confirmation',
    clause: 'X-10',
    events: readConfirmationEvents,
    states: ['confirmed'],
    read: { ...ownMatters, 'sales-manager': 'all', 'human-resources': 'all', auditor: 'all' },
    start: { move: 'confirm', to: 'confirmed', by: staff, form: readConfirmationForm, fact: 'confirmed' },
    moves: {},
  }),
  {
    region: () => null,
    onOpen: async ({ regulationId }, work) => {
      const [inForce] = await work.query(
        `SELECT FROM form_document WHERE id = $1 AND procedure = 'regulation' AND state = 'effective'
           AND form->>'type' <> 'secrets-agreement'`,
        [regulationId],
      );
      if (!inForce) throw notInForce({}, { field: 'regulationId' });
      const [before] = await work.query(
        `SELECT FROM form_document
         WHERE procedure = 'read-confirmation' AND form->>'regulationId' = $1 AND created_by = $2`,
        [regulationId, work.actor.person],
      );
      if (before) throw confirmedBefore();
    },
  },
);

const reading = z.object({
  /** who works here today */
  people: z.int(),
  confirmed: z.int(),
  /** confirmed ÷ people × 100, two decimals; null when nobody works here */
  percentage: z.string().nullable(),
  missing: z.array(z.object({ personId: Id, staffNumber: z.string() })),
});
const watchers: Powers = {
  'sales-manager': 'all',
  'human-resources': 'all',
  'general-manager': 'all',
  auditor: 'all',
};

/** who has not yet confirmed a version, and how many have. */
@Controller('regulations')
@ApiTags('regulation')
@ApiBearerAuth()
export class ReadingController {
  constructor(@Inject(Transactions) private readonly transactions: Transactions) {}

  @Get(':id/reading')
  @ApiOperation({ summary: 'How many have confirmed reading, and who has not' })
  @ApiOkResponse({ schema: openapi(reading, 'output') })
  @(problems(404)[0]!)
  async reading(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string): Promise<z.infer<typeof reading>> {
    requirePower(actor, watchers, 'read read-confirmation', 'X-10');
    return this.transactions.run(actor, async (work) => {
      const [known] = await work.query(`SELECT FROM form_document WHERE id = $1 AND procedure = 'regulation'`, [id]);
      if (!known) throw notFound({ what: 'regulation' });
      const people = await work.query<{ personId: string; staffNumber: string; read: boolean }>(readers, [
        id,
        work.today,
      ]);
      const confirmed = people.filter(({ read }) => read).length;
      return {
        people: people.length,
        confirmed,
        percentage: people.length === 0 ? null : ((confirmed / people.length) * 100).toFixed(2),
        missing: people.filter(({ read }) => !read).map(({ personId, staffNumber }) => ({ personId, staffNumber })),
      };
    });
  }
}

/** Those with a position that is not outside of the company, as the gate has it. */
const readers = `
SELECT p.id AS "personId", p.staff_number AS "staffNumber", EXISTS (
  SELECT FROM form_document c
  WHERE c.procedure = 'read-confirmation' AND c.form->>'regulationId' = $1 AND c.created_by = p.id::text) AS read
FROM known_person p
WHERE (p.last_day IS NULL OR p.last_day > $2::date) AND p.subject IS NOT NULL AND EXISTS (
  SELECT FROM known_position k
  WHERE k.person = p.id AND k.valid_from <= $2::date AND (k.valid_to IS NULL OR k.valid_to >= $2::date)
    AND NOT k.roles <@ ARRAY['importer', 'distributor'])
ORDER BY p.staff_number`;

const notInForce = domainError({
  code: 'appraisals.read-confirmation.not-in-force',
  kind: 'conflict',
  rule: 'X-10',
  en: 'Reading is confirmed of regulations in force, each version once.',
  zh: '阅读确认仅适用于现行有效的规章制度版本。',
});
const confirmedBefore = domainError({
  code: 'appraisals.read-confirmation.confirmed-before',
  kind: 'conflict',
  rule: 'X-10',
  en: 'You have confirmed this version already.',
  zh: '您已确认阅读该版本。',
});
