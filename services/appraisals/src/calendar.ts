import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { staff } from '@fenxiao/procedures/powers';
import type { Actor } from '@fenxiao/service-kit/actor';
import { requirePower } from '@fenxiao/service-kit/checks';
import { Who } from '@fenxiao/service-kit/auth';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { languageOf } from '@fenxiao/service-kit/problem';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { CALENDAR } from '@fenxiao/service-kit/service';
import { Controller, Get, Headers, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

/** X-13 The working calendar 工作日历, as every service reckons by it. */
const query = z.strictObject({ from: z.iso.date(), to: z.iso.date() });
const MOST_DAYS = 400;

const day = z.object({
  date: z.iso.date(),
  working: z.boolean(),
  name: z.string().optional().meta({ description: "in the reader's language, where the law has one" }),
  source: z
    .enum(['law', 'company', 'declared'])
    .optional()
    .meta({ description: "the State Council, the company's file, or a special date; absent: the day of the week" }),
});
const answer = z.object({ items: z.array(day) });

@Controller('calendar')
@ApiTags('calendar')
@ApiBearerAuth()
export class CalendarController {
  constructor(@Inject(CALENDAR) private readonly calendar: BusinessCalendar) {}

  @Get()
  @ApiOperation({ summary: 'Which days are worked, from one date to another, both included (X-13)' })
  @ApiQuery({ name: 'from', schema: { type: 'string', format: 'date' } })
  @ApiQuery({ name: 'to', schema: { type: 'string', format: 'date' }, description: `at most ${MOST_DAYS} days` })
  @ApiOkResponse({ schema: openapi(answer, 'output') })
  @(problems(422)[0]!)
  days(
    @Who() actor: Actor,
    @Query() asked: unknown,
    @Headers() headers: Record<string, string>,
  ): z.infer<typeof answer> {
    requirePower(actor, staff, 'read calendar');
    const { from, to } = parseQuery(query, asked);
    if (to < from || this.calendar.addDays(from, MOST_DAYS - 1) < to)
      throw badSpan({ from, to, most: MOST_DAYS }, { field: 'to' });
    const language = languageOf({ headers });
    const items: z.infer<typeof day>[] = [];
    for (let date = from; date <= to; date = this.calendar.addDays(date, 1)) {
      const { source, name } = this.calendar.originOf(date) ?? {};
      items.push({
        date,
        working: this.calendar.isWorkingDay(date),
        ...(name ? { name: name[language] } : {}),
        ...(source ? { source } : {}),
      });
    }
    return { items };
  }
}

const badSpan = domainError({
  code: 'appraisals.calendar.bad-span',
  kind: 'unprocessable',
  rule: 'X-13',
  en: 'The calendar is read from a date to the same or a later one, at most {most} days; not from {from} to {to}.',
  zh: '查询日历的截止日期不得早于起始日期，且最多{most}天；不能从{from}到{to}。',
});
