import { createHash } from 'node:crypto';
import { Instant, Line } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { classesOf } from '@fenxiao/procedures/classes';
import type { Procedure } from '@fenxiao/procedures/procedure';
import { system, type Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { Commands } from '@fenxiao/service-kit/commands';
import { acceptsUploads } from '@fenxiao/service-kit/door';
import { notFound } from '@fenxiao/service-kit/errors';
import { erased } from '@fenxiao/service-kit/personal-keys';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { Reads } from '@fenxiao/service-kit/reads';
import { headersOf } from '@fenxiao/service-kit/routes';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import {
  Controller,
  Get,
  Headers,
  Inject,
  Param,
  ParseIntPipe,
  ParseUUIDPipe,
  Post,
  Req,
  Res,
  StreamableFile,
  type Type,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { attachedAs, attachedTo, keyOf } from './attached.js';
import { attach } from './attaching.js';
import { announce, digestOf, mayAttach, type Attachable } from './coming.js';
import { withoutMetadata } from './stripping.js';
import { FILE_STORE, type FileStore } from './store.js';
import { Uploads } from './uploads.js';
import { attachedView, isFor, maySeeAll, view } from './views.js';

const body = openapi(
  z.object({
    file: z.string().meta({ format: 'binary' }),
    place: Line.optional(),
    takenAt: Instant.optional(),
    forCustomer: z.boolean().optional().meta({ description: 'staff: the customer may see it' }),
  }),
);
const describeOne = { name: 'id', schema: { type: 'string', format: 'uuid' } } as const;

/** Files of the subjects of one procedure: `POST /{path}/{id}/attachments`, `GET` of the list and of one. */
export function attachmentController(attachable: Attachable): Type {
  const { bound } = attachable;
  const { name, path, clause } = bound.procedure as Procedure;
  const isPersonal = classesOf(bound.procedure as Procedure).personal.size > 0;

  @Controller(path)
  @ApiTags(name)
  @ApiBearerAuth()
  class AttachmentController {
    constructor(
      @Inject(Commands) private readonly commands: Commands,
      @Inject(Reads) private readonly reads: Reads,
      @Inject(Transactions) private readonly transactions: Transactions,
      @Inject(Uploads) private readonly uploads: Uploads,
      @Inject(FILE_STORE) private readonly store: FileStore,
    ) {}

    @Post(':id/attachments')
    @acceptsUploads()
    @ApiOperation({ summary: `Attach a file: ${name} (${clause})` })
    @ApiParam(describeOne)
    @ApiConsumes('multipart/form-data')
    @ApiBody({ schema: body })
    @ApiHeader({ name: 'Idempotency-Key', required: false })
    @ApiResponse({ status: 201, description: 'Kept', schema: openapi(attachedView, 'output') })
    @ApiResponse({ status: 200, description: 'It was there already', schema: openapi(attachedView, 'output') })
    @refusals(404, 409, 413, 422)
    async attach(
      @Who() actor: Actor,
      @Param('id', ParseUUIDPipe) id: string,
      @Headers() headers: Record<string, string>,
      @Req() request: FastifyRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<unknown> {
      const target = { procedure: name, move: 'attach', rule: clause, about: id };
      const sent = headersOf(headers);
      /** asked in a transaction of its own, its refusal written down */
      const ask = async <T>(question: (work: Work) => Promise<T>) => {
        let found: T;
        await this.commands.run(actor, target, {}, {}, async (work) => {
          found = await question(work);
          return { status: 200, body: {} };
        });
        return found!;
      };
      const answer = await this.uploads.inHand(actor.person, async () => {
        // asked before anything is read: what is refused takes no room here
        await ask((work) => mayAttach(work, attachable, id));
        const upload = await this.uploads.receive(request);
        const coming = await ask((work) => announce(work, attachable, id, upload));
        // no transaction is open and no row locked, however slow the store is
        if (!coming.isThere) await this.store.put(coming.key, upload.bytes);
        return this.commands.run(actor, target, digestOf(upload), sent, async (work) => {
          const { attached, isNew } = await attach(work, attachable, id, coming);
          return { status: isNew ? 201 : 200, body: view(actor, attached), ...(isPersonal ? { under: id } : {}) };
        });
      });
      void reply.status(answer.status);
      return answer.body;
    }

    @Get(':id/attachments')
    @ApiOperation({ summary: `What is attached: ${name}` })
    @ApiParam(describeOne)
    @ApiResponse({
      status: 200,
      description: 'All of it that is for this reader, in the order it came',
      schema: openapi(z.object({ items: z.array(attachedView) }), 'output'),
    })
    @refusals(404)
    async list(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string): Promise<unknown> {
      await this.reads.one(actor, bound, id);
      const found = await this.transactions.run(system, (work) => attachedTo(work, name, id));
      return { items: found.filter((one) => isFor(actor, one)).map((one) => view(actor, one)) };
    }

    @Get(':id/attachments/:n')
    @ApiOperation({ summary: 'A file; to distributors without what it says of the place it was taken at' })
    @ApiParam(describeOne)
    @ApiProduces('application/octet-stream')
    @ApiResponse({ status: 200, description: 'Done' })
    @refusals(403, 404, 409)
    async one(
      @Who() actor: Actor,
      @Param('id', ParseUUIDPipe) id: string,
      @Param('n', ParseIntPipe) n: number,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<StreamableFile> {
      await this.reads.one(actor, bound, id);
      const found = await this.transactions.run(system, (work) => attachedAs(work, name, id, n));
      if (!found || !isFor(actor, found)) throw notFound({ what: 'attachment' });
      if (found.erasedAt) throw erased();
      const bytes = await this.store.get(keyOf(name, id, found.sha256));
      if (createHash('sha256').update(bytes).digest('hex') !== found.sha256) throw fileChanged();
      const shown = maySeeAll(actor, found) ? bytes : withoutMetadata(bytes, found.type);
      if (!shown) throw withheld({ type: found.type });
      void reply.header('cache-control', 'private, no-store');
      // Never as what it is: nothing that strangers send is to be run by a browser.
      return new StreamableFile(shown, {
        type: 'application/octet-stream',
        disposition: `attachment; filename*=UTF-8''${encodeURIComponent(found.name)}`,
      });
    }
  }
  Object.defineProperty(AttachmentController, 'name', { value: `${name} attachments` });
  return AttachmentController;
}

function refusals(...statuses: number[]): MethodDecorator {
  return (target, key, descriptor) => problems(...statuses).forEach((problem) => problem(target, key, descriptor));
}

const withheld = domainError({
  code: 'complaints.attachment.withheld',
  kind: 'forbidden',
  rule: 'X-20',
  en: 'A file of type {type} may say where it was made, which can not be taken out of it: it is for staff only.',
  zh: '{type}类型的文件可能含有无法去除的位置信息，仅限内部人员查看。',
});
const fileChanged = domainError({
  code: 'complaints.attachment.file-changed',
  kind: 'unavailable',
  rule: 'X-14',
  en: 'The file in the store is not the one that was uploaded.',
  zh: '存储中的文件与上传时不一致。',
});
