import { ClickHouseError } from '@clickhouse/client';
import {
  choices,
  dashboards,
  type Dashboard,
  type Panel,
  type Power,
  type Variable,
} from '@fenxiao/dashboards/catalogue';
import { expand } from '@fenxiao/dashboards/macros';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { parseForm, requirePower } from '@fenxiao/service-kit/checks';
import { noPower, notFound } from '@fenxiao/service-kit/errors';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { languageOf } from '@fenxiao/service-kit/problem';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { CONFIG } from '@fenxiao/service-kit/service';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { AnalyticsConfig } from './config.js';
import { Freshness } from './freshness.js';
import { boundTo, marketOnly, may, powersFor, reachFor } from './powers.js';
import { hasRole } from '@fenxiao/service-kit/actor';
import { Viewer, type Frame } from './viewer.js';

const value = z.union([z.string().max(1000), z.array(z.string().max(1000)).max(1000)]);
const range = {
  /** epoch milliseconds */
  from: z.int().min(0).max(4_102_444_800_000),
  to: z.int().min(0).max(4_102_444_800_000),
  variables: z.record(z.string().regex(/^\w{1,64}$/), value).default({}),
};
export const PanelQuery = z.strictObject({
  ...range,
  intervalMs: z.int().min(1).max(31_622_400_000),
  maxDataPoints: z.int().min(1).max(100_000).default(1000),
});
export const VariableQuery = z.strictObject(range);
const Language = z.strictObject({ lang: z.enum(['zh', 'en']).optional() });

const inLanguage = ApiQuery({ name: 'lang', required: false, schema: { type: 'string', enum: ['zh', 'en'] } });
const [tooMuchAsked] = problems(422) as [MethodDecorator];
const bodyOf = (schema: z.ZodType) => ApiBody({ schema: openapi(schema) });
const answerOf = (schema: z.ZodType, description: string) =>
  ApiOkResponse({ description, schema: openapi(schema, 'output') });

const Summary = z.object({ uid: z.string(), title: z.string(), description: z.string(), tags: z.array(z.string()) });
const PanelAnswer = z.object({
  frames: z.array(
    z.object({
      refId: z.string(),
      columns: z.array(z.object({ name: z.string(), type: z.string() })),
      rows: z.array(z.array(z.unknown())),
    }),
  ),
  asOf: z.iso.datetime(),
  elapsedMs: z.number(),
});
const Options = z.object({ options: z.array(z.object({ text: z.string(), value: z.string() })) });

/**
 * The dashboards to a logged-in person. The SQL never comes from the browser: it stands in the dashboard; values are put in
 * as data, and how far it sees is bound by the store itself.
 */
@Controller('dashboards')
@ApiTags('dashboards')
@ApiBearerAuth()
export class DashboardsController {
  constructor(
    @Inject(CONFIG) private readonly config: AnalyticsConfig,
    @Inject(Viewer) private readonly viewer: Viewer,
    @Inject(Freshness) private readonly freshness: Freshness,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The dashboards you may see' })
  @inLanguage
  @answerOf(z.array(Summary), 'in the order of the menu')
  list(
    @Who() actor: Actor,
    @Query() query: unknown,
    @Headers() headers: Record<string, string>,
  ): z.infer<typeof Summary>[] {
    return this.#catalogue(query, headers)
      .filter(({ uid }) => hasRole(actor, powersFor(uid)))
      .map(({ uid, title, description, tags }) => ({ uid, title, description, tags }));
  }

  @Get(':uid')
  @ApiOperation({
    summary: 'A dashboard as Grafana JSON (classic, schemaVersion 42), without what you have no power for',
  })
  @inLanguage
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  one(
    @Who() actor: Actor,
    @Param('uid') uid: string,
    @Query() query: unknown,
    @Headers() headers: Record<string, string>,
  ): Dashboard {
    const dashboard = this.#find(actor, uid, query, headers);
    const shown = ({ fenxiao }: { fenxiao?: { power: Power } }) => !fenxiao || may(actor, fenxiao.power);
    return {
      ...dashboard,
      panels: dashboard.panels.filter(shown),
      templating: { list: dashboard.templating.list.filter(shown) },
    };
  }

  @Post(':uid/panels/:id/query')
  @HttpCode(200)
  @ApiOperation({ summary: "A panel's data" })
  @bodyOf(PanelQuery)
  @tooMuchAsked
  @answerOf(PanelAnswer, 'one frame per query of the panel')
  async panel(
    @Who() actor: Actor,
    @Param('uid') uid: string,
    @Param('id', ParseIntPipe) id: number,
    @Body() body: unknown,
    @Headers() headers: Record<string, string>,
  ): Promise<z.infer<typeof PanelAnswer>> {
    const { from, to, variables, intervalMs } = parseForm(PanelQuery, body);
    const dashboard = this.#find(actor, uid, {}, headers);
    const panel: Panel | undefined = dashboard.panels.find((one) => one.id === id);
    if (!panel) throw notFound({ what: 'panel' });
    const filters = this.#bind(actor, uid, panel);
    const context = { from, to, intervalMs, variables: choices(dashboard, variables, (power) => may(actor, power)) };
    const started = performance.now();
    const frames = await Promise.all(
      panel.targets.map(async ({ refId, rawSql }): Promise<Frame> => ({
        refId,
        ...(await this.#run(rawSql, context, filters)),
      })),
    );
    return {
      frames,
      asOf: (await this.#asOf()).toISOString(),
      elapsedMs: Math.round(performance.now() - started),
    };
  }

  @Post(':uid/variables/:name/query')
  @HttpCode(200)
  @ApiOperation({ summary: 'What can be chosen for a variable' })
  @bodyOf(VariableQuery)
  @tooMuchAsked
  @answerOf(Options, 'the options, in order')
  async variable(
    @Who() actor: Actor,
    @Param('uid') uid: string,
    @Param('name') name: string,
    @Body() body: unknown,
    @Headers() headers: Record<string, string>,
  ): Promise<z.infer<typeof Options>> {
    const { from, to, variables } = parseForm(VariableQuery, body);
    const dashboard = this.#find(actor, uid, {}, headers);
    const variable: Variable | undefined = dashboard.templating.list.find((one) => one.name === name);
    if (!variable || variable.type === 'datasource') throw notFound({ what: 'variable' });
    const filters = this.#bind(actor, uid, variable);
    if (variable.type === 'custom' || !variable.query)
      return { options: (variable.options ?? []).map(({ text, value: own }) => ({ text, value: own })) };
    const context = {
      from,
      to,
      intervalMs: 1000,
      variables: choices(dashboard, variables, (power) => may(actor, power)),
    };
    const { rows } = await this.#run(variable.query.rawSql, context, filters);
    return { options: rows.map(([own, text]) => ({ value: String(own), text: String(text ?? own) })) };
  }

  #asOf(): Promise<Date> {
    return this.freshness.asOf().catch((cause: unknown) => {
      throw storeAway({}, { cause });
    });
  }

  #catalogue(query: unknown, headers: Record<string, string>): Dashboard[] {
    const { lang } = parseQuery(Language, query);
    return dashboards(lang ?? languageOf({ headers }), {
      timeZone: this.config.TIME_ZONE,
      currency: this.config.CURRENCY,
    });
  }

  #find(actor: Actor, uid: string, query: unknown, headers: Record<string, string>): Dashboard {
    const dashboard = this.#catalogue(query, headers).find((one) => one.uid === uid);
    if (!dashboard) throw notFound({ what: 'dashboard' });
    requirePower(actor, powersFor(uid), `read ${uid}`);
    return dashboard;
  }

  /** @throws noPower when the rows shown are about customers or people, and none of them are the person's business */
  #bind(actor: Actor, uid: string, { fenxiao }: { fenxiao?: { power: Power } }): Record<string, string> {
    const reach = reachFor(actor, uid, fenxiao?.power);
    if (reach === undefined) throw noPower({ move: `read ${fenxiao?.power ?? uid}`, roles: '—' });
    return boundTo(reach, marketOnly(actor));
  }

  async #run(sql: string, context: Parameters<typeof expand>[1], filters: Record<string, string>) {
    let expanded: string;
    try {
      expanded = expand(sql, context);
    } catch (cause) {
      throw badValue({ why: cause instanceof Error ? cause.message : String(cause) }, { cause });
    }
    try {
      return await this.viewer.query(expanded, filters);
    } catch (cause) {
      const code = cause instanceof ClickHouseError ? cause.code : undefined;
      if (code === '159' || code === '241' || code === '396') throw tooMuch({}, { cause });
      if (code === undefined || code === '202' || code === '209') throw storeAway({}, { cause });
      throw cause;
    }
  }
}

const badValue = domainError({
  code: 'analytics.bad-value',
  kind: 'invalid',
  en: 'A value chosen can not be used here: {why}.',
  zh: '所选的值不能在此使用：{why}。',
});
const tooMuch = domainError({
  code: 'analytics.too-much',
  kind: 'unprocessable',
  en: 'This would take too long or yield too much; choose a shorter time or fewer things.',
  zh: '查询耗时过长或结果过多，请缩短时间范围或减少选项。',
});
export const storeAway = domainError({
  code: 'analytics.store-away',
  kind: 'unavailable',
  en: 'The figures can not be had just now; nothing is lost. Try again.',
  zh: '暂时无法取得数据，数据不会丢失，请稍后再试。',
});
