import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import multipart, { type Multipart } from '@fastify/multipart';
import { domainError } from '@fenxiao/domain/domain-error';
import { CONFIG } from '@fenxiao/service-kit/service';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ConsoleConfig } from '../config.js';

export interface Upload {
  /** folder with the files; the archive, when there is only that */
  readonly path: string;
  readonly names: readonly string[];
  readonly mapping: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

const tooLarge = domainError({
  code: 'console.import.files-too-large',
  kind: 'too-large',
  en: 'The files of one import may have {most} bytes together.',
  zh: '一次导入的文件合计不得超过{most}字节。',
});
const noFiles = domainError({
  code: 'console.import.no-files',
  kind: 'invalid',
  en: 'At least one file is needed, as multipart/form-data.',
  zh: '至少须上传一个文件（multipart/form-data）。',
});
const cutShort = domainError({
  code: 'console.import.upload-broken',
  kind: 'invalid',
  en: 'The upload did not arrive whole: {detail}',
  zh: '上传不完整：{detail}',
});
const mostMappingBytes = 1024 * 1024;

/** Files that come as multipart/form-data, written to a folder as they come. */
@Injectable()
export class Uploads implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: ConsoleConfig,
  ) {}

  /** Not waited for: Fastify would take up the routes there are, before Nest has given it its handler of errors. */
  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    void fastify.register(multipart, { limits: { fileSize: this.config.IMPORT_MAX_BYTES, files: 500, fields: 20 } });
  }

  /** Large files over slow lines take their time: the kit's half minute for a request is for small ones. */
  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as { requestTimeout: number };
    server.requestTimeout = 3_600_000;
  }

  /**
   * Takes in the parts of a request: a part `mapping` is the mapping file, any other file is to be brought in, the rest
   * are options.
   * @throws DomainError files-too-large, no-files, upload-broken
   */
  async receive(request: FastifyRequest, folder: string): Promise<Upload> {
    if (!request.isMultipart()) throw noFiles();
    const files = join(folder, 'files');
    await mkdir(files, { recursive: true });
    const fields: Record<string, string> = {};
    const names: string[] = [];
    let mapping: string | undefined;
    let left = this.config.IMPORT_MAX_BYTES;
    const count = () =>
      new Transform({
        transform: (chunk: Buffer, _, done) => {
          left -= chunk.length;
          done(left < 0 ? tooLarge({ most: this.config.IMPORT_MAX_BYTES }) : null, chunk);
        },
      });
    const take = async (part: Multipart) => {
      if (part.type === 'field') fields[part.fieldname] = String(part.value);
      else if (part.fieldname === 'mapping') {
        const path = join(folder, 'mapping.yaml');
        await pipeline(part.file, count(), createWriteStream(path));
        if (part.file.bytesRead > mostMappingBytes) throw tooLarge({ most: mostMappingBytes });
        mapping = await readFile(path, 'utf8');
      } else {
        const name = nameFor(part.filename, names);
        names.push(name);
        await pipeline(part.file, count(), createWriteStream(join(files, name)));
        if (part.file.truncated) throw tooLarge({ most: this.config.IMPORT_MAX_BYTES });
      }
    };
    try {
      for await (const part of request.parts()) await take(part);
    } catch (error) {
      if (error instanceof Error && error.name === 'DomainError') throw error;
      const { code, message } = error as { code?: string; message: string };
      if (code === 'FST_REQ_FILE_TOO_LARGE') throw tooLarge({ most: this.config.IMPORT_MAX_BYTES });
      throw cutShort({ detail: message });
    }
    if (names.length === 0) throw noFiles();
    const [first = ''] = names;
    const path = names.length === 1 && /\.zip$/i.test(first) ? join(files, first) : files;
    return { path, names, mapping, fields };
  }
}

/** The name alone, whatever folders a browser puts before it; another one of that name gets a number. */
function nameFor(given: string, taken: readonly string[]): string {
  const name =
    basename(given.replaceAll('\\', '/')).replaceAll('\0', '').replace(/^\.+/, '').normalize('NFC') || 'file';
  const short = name.slice(-120);
  return taken.includes(short) ? `${taken.length}-${short}` : short;
}
