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
/** how often a file is handed on from its beginning, where another file comes in between its parts */
const ATTEMPTS = 3;
const file = { type: 'string', format: 'binary', description: 'CSV, TSV, XLSX, or one .zip' };
/** somebody else changed the reconciliation meanwhile */
const STALE = 412;
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

  /** What orders refuses is answered as it says it; a file that another came in between of begins again. */
  async #hand(id: string, rows: readonly FinanceRow[], request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    let response = await this.#parts(id, rows, request);
    for (let again = 1; response.status === STALE && again < ATTEMPTS; again++)
      response = await this.#parts(id, rows, request);
    if (!response.ok)
      void reply.status(response.status).type(response.headers.get('content-type') ?? 'application/json');
    return response.json();
  }

  /**
   * In parts, the first of which takes the place of what was there, and each of the others follows the one before it: by
   * the version of the reconciliation that orders answered with. @returns the last answer
   */
  async #parts(id: string, rows: readonly FinanceRow[], request: FastifyRequest): Promise<Response> {
    const { authorization = '' } = request.headers;
    const headers = { authorization, 'accept-language': languageOf(request), 'content-type': 'application/json' };
    let from = 0;
    let version: string | null = null;
    for (;;) {
      const more = from + PART < rows.length;
      const response: Response = await fetch(
        `${this.config.GATEWAY_URL}/api/orders/reconciliations/${id}/finance-file`,
        {
          method: 'POST',
          headers: { ...headers, ...(version ? { 'if-match': version } : {}) },
          body: JSON.stringify({ rows: rows.slice(from, from + PART), startOver: from === 0, more }),
          signal: AbortSignal.timeout(60_000),
        },
      );
      if (!response.ok || !more) return response;
      await response.body?.cancel();
      version = response.headers.get('etag');
      from += PART;
    }
  }
}
