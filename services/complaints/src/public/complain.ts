import { complaintForm } from '@fenxiao/contracts/complaints';
import { serviceComplaintForm } from '@fenxiao/contracts/service-complaints';
import { DomainError } from '@fenxiao/domain/domain-error';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { system } from '@fenxiao/service-kit/actor';
import { Public } from '@fenxiao/service-kit/auth';
import { acceptsForms } from '@fenxiao/service-kit/door';
import { open, type AnyBound } from '@fenxiao/service-kit/engine';
import { CALENDAR } from '@fenxiao/service-kit/service';
import { tooManyFrom } from '@fenxiao/service-kit/visitors';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { complaint } from '../quality/complaint.js';
import { serviceComplaint } from '../service-complaints/service-complaint.js';
import { codeOf, digestOf, newCode } from './access.js';
import { languageFor, send } from './answering.js';
import { filedPage, filePage, followPage, messagePage, wishes, type Typed, type Wrong } from './page.js';
import { standingOf } from './standing.js';
import { defects, publicWords, type PublicWords } from './words.js';

/**
 * C-01, ISO 10002 7.1 to 7.3: a customer files a complaint and follows it, without an account. Pages for browsers: what a
 * person may see of a case is where it stands, and only with its number and its code.
 */

/** How often one address may file, send a form at all, and ask. */
const filings = { max: 10, timeWindow: 3_600_000 };
const forms = { max: 100, timeWindow: 3_600_000 };
const questions = { max: 60, timeWindow: 3_600_000 };

const typedText = z.record(z.string(), z.string().max(4000));
const optional = (text: string | undefined) => text?.trim() || undefined;

@Controller('public/complain')
@ApiExcludeController()
@Public()
export class PublicComplaints {
  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(CALENDAR) private readonly calendar: BusinessCalendar,
  ) {}

  @Get()
  form(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, 200, filePage(wordsFor(request), newCode()));
  }

  /** The code is the form's own, so a form that is sent twice is one complaint. */
  @Post()
  @acceptsForms()
  async file(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const t = wordsFor(request);
    const pause = await tooManyFrom(request, forms);
    if (pause !== undefined) return refuse(reply, t, pause);
    const typed = typedText.safeParse(request.body).data ?? {};
    const code = codeOf(typed['code'] ?? '') ?? newCode();
    const { kind, form, wrong } = formOf(typed, t);
    if (Object.keys(wrong).length > 0) return send(reply, 400, filePage(t, code, typed, wrong));
    const wait = await tooManyFrom(request, filings);
    if (wait !== undefined) return refuse(reply, t, wait);
    try {
      const number = await this.transactions.run(system, (work) => fileOnce(work, kind, form, digestOf(code)));
      return send(reply, 201, filedPage(t, number, code));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const field = error.field && error.field in typed ? error.field : 'form';
      return send(reply, 422, filePage(t, code, typed, { [field]: 'refused' }));
    }
  }

  @Get('status')
  question(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, 200, followPage(wordsFor(request), {}));
  }

  /** Whether a number exists is told to nobody who has not its code. */
  @Post('status')
  @acceptsForms()
  async follow(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const t = wordsFor(request);
    const wait = await tooManyFrom(request, questions);
    if (wait !== undefined) return refuse(reply, t, wait);
    const typed = typedText.safeParse(request.body).data ?? {};
    const code = codeOf(typed['code'] ?? '');
    const standing =
      code &&
      (await this.transactions.run(system, (work) =>
        standingOf(work, (typed['number'] ?? '').trim().toUpperCase(), digestOf(code), this.calendar),
      ));
    return standing
      ? send(reply, 200, followPage(t, { typed, standing }))
      : send(reply, 404, followPage(t, { typed, wrong: 'notFound' }));
  }
}

const wordsFor = (request: FastifyRequest): PublicWords => publicWords(languageFor(request));

const refuse = (reply: FastifyReply, t: PublicWords, seconds: number): void =>
  send(reply.header('retry-after', seconds), 429, messagePage(t, 'tooMany'));

const shared = { channel: true, customer: true, telephone: true, description: true } as const;
const reachable = { customer: true, telephone: true } as const;
const asked = {
  quality: complaintForm
    .pick({
      ...shared,
      receipt: true,
      productName: true,
      specification: true,
      quantity: true,
      grade: true,
      colourNumber: true,
      purchasedOn: true,
      defect: true,
      wanted: true,
    })
    .required(reachable),
  service: serviceComplaintForm.pick(shared).required(reachable),
} as const;
type Kind = keyof typeof asked;
const procedures: Readonly<Record<Kind, AnyBound>> = { quality: complaint, service: serviceComplaint };

/** What was typed as the form of the procedure, and which fields are missing or not right. */
function formOf(typed: Typed, t: PublicWords): { kind: Kind; form: object; wrong: Wrong } {
  const kind = typed['kind'] === 'service' ? 'service' : 'quality';
  const form: z.ZodObject = asked[kind];
  const given = Object.fromEntries(Object.keys(form.shape).map((name) => [name, optional(typed[name])]));
  const known = kind === 'service' ? {} : goodsOf(given, t);
  const { data, error } = form.safeParse({ ...given, ...known, channel: 'web' });
  const wrong = error?.issues.map(({ path }) => {
    const name = String(path[0]);
    return [name, given[name] === undefined ? 'needed' : 'invalid'] as const;
  });
  return { kind, form: data ?? {}, wrong: Object.fromEntries(wrong ?? []) };
}

/** What customers need not know of their goods; what is wrong is one of a list, since complaints are counted by it. */
function goodsOf(given: Readonly<Record<string, string | undefined>>, t: PublicWords) {
  return {
    grade: given['grade'] ?? t.unknown,
    colourNumber: given['colourNumber'] ?? t.unknown,
    wanted: wishes.find((wish) => wish === given['wanted']),
    defect: defects.some(({ zh }) => zh === given['defect']) ? given['defect'] : undefined,
  };
}

/** @returns the number of the case */
async function fileOnce(work: Work, kind: Kind, form: object, digest: Buffer): Promise<string> {
  await work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [digest.toString('hex')]);
  const [filed] = await work.query<{ number: string }>('SELECT number FROM public_case WHERE digest = $1', [digest]);
  if (filed) return filed.number;
  const bound = procedures[kind];
  const subject = (await open(work, bound, { form, bySystem: true })) as { id: string; number: string };
  await work.query(
    'INSERT INTO public_case (digest, procedure, subject, number, filed_at) VALUES ($1, $2, $3, $4, $5)',
    [digest, bound.procedure.name, subject.id, subject.number, work.now],
  );
  return subject.number;
}
