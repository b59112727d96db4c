import type { Actor } from '@fenxiao/service-kit/actor';
import { requirePower } from '@fenxiao/service-kit/checks';
import { Who } from '@fenxiao/service-kit/auth';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ClickHouseClient } from '@clickhouse/client';
import { storeAway } from './dashboards.controller.js';
import { Freshness, type TopicFreshness } from './freshness.js';
import { operations } from './powers.js';
import { rows } from './store.js';

export const STORE = Symbol('store');

/** Whether the figures are fresh and right. */
@Controller()
@ApiTags('operations')
@ApiBearerAuth()
export class OperationsController {
  constructor(
    @Inject(Freshness) private readonly freshness: Freshness,
    @Inject(STORE) private readonly store: ClickHouseClient,
  ) {}

  @Get('freshness')
  @ApiOperation({ summary: 'How fresh each topic is in the store (K-X01, K-X02)' })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'object', additionalProperties: true } } })
  async topics(@Who() actor: Actor): Promise<TopicFreshness[]> {
    this.#require(actor, 'freshness');
    return this.freshness.topics().catch((cause: unknown) => {
      throw storeAway({}, { cause });
    });
  }

  @Get('reconciliation')
  @ApiOperation({ summary: 'The latest result of every comparison with the log and the services (K-X04, K-X05)' })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'object', additionalProperties: true } } })
  async reconciliation(@Who() actor: Actor): Promise<object[]> {
    this.#require(actor, 'reconciliation');
    return rows<object>(
      this.store,
      `SELECT check, topic, basis, day, toString(checked_at) AS checkedAt, expected, actual, difference, ok = 1 AS ok FROM reconciled
       WHERE checked_at > now() - INTERVAL 7 DAY ORDER BY check, topic, basis, day`,
    ).catch((cause: unknown) => {
      throw storeAway({}, { cause });
    });
  }

  #require(actor: Actor, what: string): void {
    requirePower(actor, operations, `read ${what}`);
  }
}
