import { label } from '@fenxiao/domain/dictionary';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { changed, roleFor, type Actor } from './actor.js';
import { Who } from './auth.js';
import { PROCEDURES } from './describing.js';
import type { AnyBound, Bound } from './engine.js';
import { powersDeclared } from './powers.js';

/** the matrix role × procedure × move × scope as it is in force today, for everybody to see. */
@Controller()
@ApiTags('about')
@ApiBearerAuth()
export class PowersController {
  constructor(@Inject(PROCEDURES) private readonly bound: readonly AnyBound[]) {}

  @Get('powers')
  @ApiOperation({ summary: 'Who may do what today, how far it reaches, what has been changed, and what you may' })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'object', additionalProperties: true } } })
  powers(@Who() actor: Actor) {
    return (this.bound as readonly Bound[]).flatMap(({ procedure }) =>
      [...powersDeclared(procedure)].map(([name, { by, move }]) => {
        const now = changed(actor, procedure.name, name, by);
        const asked = { by: now, daily: move?.daily };
        return {
          procedure: procedure.name,
          move: name,
          label: name === 'read' ? label('read') : label(name, procedure.name),
          clause: move?.clause ?? procedure.clause,
          by: now,
          ...(now === by ? {} : { declared: by }),
          daily: move?.daily ?? false,
          mine: roleFor(actor, asked)?.role ?? null,
        };
      }),
    );
  }
}
