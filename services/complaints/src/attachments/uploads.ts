import multipart from '@fastify/multipart';
import { domainError } from '@fenxiao/domain/domain-error';
import { giveUploadsTime } from '@fenxiao/service-kit/door';
import { CONFIG } from '@fenxiao/service-kit/service';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
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
export class Uploads implements OnModuleInit {
  /** person → how many of theirs are in hand */
  readonly #inHand = new Map<string, number>();

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: ComplaintsConfig,
  ) {}

  /** Not waited for: Fastify would take up the routes there are, before Nest has given it its handler of errors. */
  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const { ATTACHMENT_MAX_BYTES: fileSize, ATTACHMENT_UPLOAD_SECONDS: seconds, REQUEST_TIMEOUT_MS } = this.config;
    giveUploadsTime(fastify, REQUEST_TIMEOUT_MS, seconds * 1000);
    void fastify.register(multipart, { limits: { fileSize, files: 1, fields: 5, fieldSize: 4096 } });
  }

  /** Takes up one more upload until `work` is done with it. @throws DomainError yours-in-hand, in-hand */
  async inHand<T>(person: string, work: () => Promise<T>): Promise<T> {
    const { ATTACHMENT_UPLOADS_AT_ONCE: most, ATTACHMENT_UPLOADS_EACH: each } = this.config;
    const theirs = this.#inHand.get(person) ?? 0;
    if (theirs >= each) throw yoursInHand({ most: each });
    if ([...this.#inHand.values()].reduce((sum, one) => sum + one, 0) >= most) throw allInHand();
    this.#inHand.set(person, theirs + 1);
    try {
      return await work();
    } finally {
      const left = this.#inHand.get(person)! - 1;
      if (left > 0) this.#inHand.set(person, left);
      else this.#inHand.delete(person);
    }
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
const yoursInHand = domainError({
  code: 'complaints.attachment.yours-in-hand',
  kind: 'too-many',
  en: 'You may upload {most} files at once: wait for one to be kept.',
  zh: '同时上传的文件最多{most}个，请等待其中一个完成。',
});
const allInHand = domainError({
  code: 'complaints.attachment.in-hand',
  kind: 'unavailable',
  en: 'Too many files are being uploaded just now; try again in a moment.',
  zh: '当前上传的文件过多，请稍后再试。',
});
