import { CalendarDate } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { powerTo, type Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { requireReach, requireRole } from '@fenxiao/service-kit/checks';
import { Commands } from '@fenxiao/service-kit/commands';
import { lock } from '@fenxiao/service-kit/engine';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { Controller, Get, Header, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { linkTo } from './links.js';
import { survey, surveyProcedure } from './survey.js';

const answer = z.object({ link: z.string(), expiresOn: CalendarDate });
const refusals: MethodDecorator = (target, key, descriptor) =>
  problems(403, 404, 409).forEach((problem) => problem(target, key, descriptor));

/** C-18 The link of a survey 调查链接: for whoever hands it over, and it is written down who has seen it. */
@Controller(surveyProcedure.path)
@ApiTags(surveyProcedure.name)
@ApiBearerAuth()
export class SurveyLinkController {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  @Get(':id/link')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The link to hand over, as long as the survey is not answered (C-18)' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ schema: openapi(answer, 'output') })
  @refusals
  async link(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string): Promise<unknown> {
    const { name: procedure, clause: rule } = surveyProcedure;
    const move = 'show-link';
    const { body } = await this.commands.run(actor, { procedure, move, rule, about: id }, {}, {}, async (work) => {
      requireRole(actor, surveyProcedure, 'deliver');
      const subject = await lock(work, survey, id);
      const held = requireReach(actor, powerTo(actor, surveyProcedure, 'deliver'), subject, rule);
      if (subject.state !== 'issued' && subject.state !== 'delivered') throw closed();
      work.record({ procedure, subject: id, move, outcome: 'done', rule, ...held, region: subject.region });
      return { status: 200, body: { link: await linkTo(work, subject), expiresOn: subject.expiresOn } };
    });
    return body;
  }
}

const closed = domainError({
  code: 'complaints.survey.closed',
  kind: 'conflict',
  rule: 'C-18',
  en: 'The survey is answered or expired; its link opens nothing any more.',
  zh: '该调查已作答或已逾期，链接不再有效。',
});
