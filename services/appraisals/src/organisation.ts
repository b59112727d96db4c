import { departmentForm } from '@fenxiao/contracts/appraisals';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { staff } from '@fenxiao/procedures/powers';
import type { Actor } from '@fenxiao/service-kit/actor';
import { requirePower } from '@fenxiao/service-kit/checks';
import { Who } from '@fenxiao/service-kit/auth';
import { openapi } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { CALENDAR } from '@fenxiao/service-kit/service';
import { Transactions } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { chartOn } from './organisation-chart.js';

/** P-49 The organisation on a day 组织架构: departments, their heads and functions, and the duties of each role. */
const query = z.strictObject({ on: z.iso.date().optional() });
const answer = z.object({ on: z.iso.date(), departments: z.array(departmentForm.extend({ id: z.uuid() })) });
type Department = z.infer<typeof answer>['departments'][number];

@Controller('organisation')
@ApiTags('organisation')
@ApiBearerAuth()
export class OrganisationController {
  constructor(
    @Inject(CALENDAR) private readonly calendar: BusinessCalendar,
    @Inject(Transactions) private readonly transactions: Transactions,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The departments on a day, with functions and job descriptions (P-49)' })
  @ApiQuery({ name: 'on', required: false, schema: { type: 'string', format: 'date' }, description: 'default: today' })
  @ApiOkResponse({ schema: openapi(answer, 'output') })
  async on(@Who() actor: Actor, @Query() asked: unknown): Promise<z.infer<typeof answer>> {
    requirePower(actor, staff, 'read department');
    const on = parseQuery(query, asked).on ?? this.calendar.dateOf(this.transactions.now());
    const versions = await this.transactions.run(actor, (work) =>
      work.query<{ id: string; form: Omit<Department, 'id'> }>(
        `SELECT id::text, form FROM form_document WHERE procedure = 'department' AND state IN ('replaced', 'in-force', 'scheduled') ORDER BY id`,
      ),
    );
    const departments = versions.map(({ id, form }) => ({ id, ...form }));
    return { on, departments: [...chartOn(departments, on).values()].toSorted((a, b) => (a.code < b.code ? -1 : 1)) };
  }
}
