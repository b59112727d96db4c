import multipart from '@fastify/multipart';
import { domainError } from '@fenxiao/domain/domain-error';
import { CONFIG } from '@fenxiao/service-kit/service';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ComplaintsConfig } from '../config.js';

export interface Upload {
  readonly name: string;
  readonly bytes: Buffer;
  readonly fields: Readonly<Record<string, string>>;
}

/** One file that comes as multipart/form-data. */
@Injectable()
export class Uploads implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: ComplaintsConfig,
  ) {}

  /** Not waited for: Fastify would take up the routes there are, before Nest has given it its handler of errors. */
  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const { ATTACHMENT_MAX_BYTES: fileSize } = this.config;
    void fastify.register(multipart, { limits: { fileSize, files: 1, fields: 5, fieldSize: 4096 } });
  }

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as { requestTimeout: number };
    server.requestTimeout = Math.max(server.requestTimeout, this.config.ATTACHMENT_UPLOAD_SECONDS * 1000);
  }

  /** @throws DomainError too-large, one-file, broken */
  async receive(request: FastifyRequest): Promise<Upload> {
    if (!request.isMultipart()) throw oneFile();
    const fields: Record<string, string> = {};
    let found: { name: string; bytes: Buffer } | undefined;
    try {
      for await (const part of request.parts()) {
        if (part.type === 'field') fields[part.fieldname] = String(part.value);
        else found = { name: part.filename ?? '', bytes: await part.toBuffer() };
      }
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === 'FST_REQ_FILE_TOO_LARGE') throw tooLarge({ most: this.config.ATTACHMENT_MAX_BYTES });
      if (code === 'FST_FILES_LIMIT') throw oneFile();
      throw broken({ detail: message.slice(0, 200) });
    }
    if (!found || found.bytes.length === 0) throw oneFile();
    return { ...found, fields };
  }
}

const tooLarge = domainError({
  code: 'complaints.attachment.too-large',
  kind: 'too-large',
  en: 'A file may have {most} bytes.',
  zh: '单个文件不得超过{most}字节。',
});
const oneFile = domainError({
  code: 'complaints.attachment.one-file',
  kind: 'invalid',
  en: 'One file at a time, as multipart/form-data, and not an empty one.',
  zh: '每次须上传一个非空文件（multipart/form-data）。',
});
const broken = domainError({
  code: 'complaints.attachment.upload-broken',
  kind: 'invalid',
  en: 'The upload did not arrive whole: {detail}',
  zh: '上传不完整：{detail}',
});
