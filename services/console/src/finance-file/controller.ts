import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { requirePower } from '@fenxiao/service-kit/checks';
import { languageOf } from '@fenxiao/service-kit/problem';
import { CONFIG } from '@fenxiao/service-kit/service';
import { Controller, HttpCode, Inject, Param, ParseUUIDPipe, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ConsoleConfig } from '../config.js';
import { Uploads } from '../import/uploads.js';
import { financeRows, type FinanceRow } from './reading.js';

const PART = 5000;
const file = { type: 'string', format: 'binary', description: 'CSV, TSV, XLSX, or one .zip' };
const form = { type: 'object', properties: { file }, required: ['file'] } as object;

/** O-22: the spreadsheet of finance, read here and handed to orders in the caller's name; orders decides. */
@Controller('finance-files')
@ApiTags('reconciliation')
@ApiBearerAuth()
export class FinanceFileController {
  constructor(
    @Inject(Uploads) private readonly uploads: Uploads,
    @Inject(CONFIG) private readonly config: ConsoleConfig,
  ) {}

  @Post(':id')
  @HttpCode(200)
  @ApiOperation({ summary: 'Hand in the file of finance for a reconciliation (O-22)' })
  @ApiParam({ name: 'id', description: 'the reconciliation', schema: { type: 'string', format: 'uuid' } })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: form })
  @ApiResponse({ status: 200, description: 'the reconciliation, as orders answers', schema: { type: 'object' } })
  async receive(
    @Who() actor: Actor,
    @Param('id', ParseUUIDPipe) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    requirePower(actor, { finance: 'all' }, 'finance-file', 'O-22');
    const folder = await mkdtemp(join(this.config.IMPORT_FOLDER, 'finance-file-'));
    try {
      const { path } = await this.uploads.receive(request, folder);
      return await this.#hand(id, await financeRows(path, folder), request, reply);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** In parts, the first of which takes the place of what was there; what orders refuses is answered as it says it. */
  async #hand(id: string, rows: readonly FinanceRow[], request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { authorization = '' } = request.headers;
    const headers = { authorization, 'accept-language': languageOf(request), 'content-type': 'application/json' };
    let answer: unknown;
    for (let from = 0; from < rows.length; from += PART) {
      const response = await fetch(`${this.config.GATEWAY_URL}/api/orders/reconciliations/${id}/finance-file`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ rows: rows.slice(from, from + PART), startOver: from === 0 }),
        signal: AbortSignal.timeout(60_000),
      });
      answer = await response.json();
      if (response.ok) continue;
      void reply.status(response.status).type(response.headers.get('content-type') ?? 'application/json');
      return answer;
    }
    return answer;
  }
}
