import { system } from '@fenxiao/service-kit/actor';
import { Public } from '@fenxiao/service-kit/auth';
import { acceptsForms } from '@fenxiao/service-kit/door';
import { follow, lock } from '@fenxiao/service-kit/engine';
import { tooManyFrom } from '@fenxiao/service-kit/visitors';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { languageFor, send } from '../public/answering.js';
import { surveyOf } from './links.js';
import { notOpenPage, questionPage, thanksPage, tooManyPage, type Question } from './page.js';
import { scoresOf } from './scales.js';
import { Survey } from './survey-table.js';
import { survey } from './survey.js';
import { surveyWords, type SurveyWord, type SurveyWords } from './words.js';

/** C-18: a customer answers a survey by its link, once. Only a form that is sent answers: scanners of mail follow links. */

/** How often one address may open a link, and send a form. */
const looks = { max: 240, timeWindow: 3_600_000 };
const answers = { max: 60, timeWindow: 3_600_000 };

const typedText = z.record(z.string(), z.string().max(20_000));
const mostComment = 2000;

/** What a link leads to. */
type Found = 'nothing' | 'answered' | Question;
type Answered = Found | { readonly wrong: SurveyWord; readonly question: Question };

@Controller('public/survey')
@ApiExcludeController()
@Public()
export class PublicSurvey {
  constructor(@Inject(Transactions) private readonly transactions: Transactions) {}

  @Get()
  async form(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const t = surveyWords(languageFor(request));
    const wait = await tooManyFrom(request, looks);
    if (wait !== undefined) return refuse(reply, t, wait);
    const { token } = request.query as { token?: unknown };
    if (typeof token !== 'string') return send(reply, 404, notOpenPage(t));
    const found = await this.transactions.run(system, (work) => look(work, token));
    if (typeof found === 'object') return send(reply, 200, questionPage(t, found, token));
    conclude(reply, t, found, token);
  }

  @Post()
  @acceptsForms()
  async answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const t = surveyWords(languageFor(request));
    const wait = await tooManyFrom(request, answers);
    if (wait !== undefined) return refuse(reply, t, wait);
    const typed = typedText.safeParse(request.body).data ?? {};
    const { token = '' } = typed;
    const answered = await this.transactions.run(system, (work) => take(work, token, typed));
    if (typeof answered === 'object' && 'wrong' in answered)
      return send(reply, 400, questionPage(t, answered.question, token, typed, answered.wrong));
    conclude(reply, t, answered === 'nothing' ? 'nothing' : 'answered', token);
  }
}

const refuse = (reply: FastifyReply, t: SurveyWords, seconds: number): void =>
  send(reply.header('retry-after', seconds), 429, tooManyPage(t));

const conclude = (reply: FastifyReply, t: SurveyWords, found: 'nothing' | 'answered', token: string): void =>
  found === 'answered' ? send(reply, 200, thanksPage(t, token)) : send(reply, 404, notOpenPage(t));

async function look(work: Work, token: string): Promise<Found> {
  const id = await surveyOf(work, token);
  const subject = id === undefined ? null : await work.em.findOne(Survey, { id });
  return subject ? asked(subject) : 'nothing';
}

function asked({ state, kind, aboutNumber }: Survey): Found {
  if (state === 'answered') return 'answered';
  return state === 'expired' ? 'nothing' : { kind, aboutNumber };
}

/** Of two forms sent at once the row's lock lets one in; the other finds it answered. */
async function take(work: Work, token: string, typed: Readonly<Record<string, string>>): Promise<Answered> {
  const id = await surveyOf(work, token);
  if (id === undefined || !(await work.em.findOne(Survey, { id }))) return 'nothing';
  const subject = await lock(work, survey, id);
  const question = asked(subject);
  if (typeof question === 'string') return question;
  const score = scoresOf(subject.kind).find((possible) => String(possible) === typed['score']);
  if (score === undefined) return { wrong: 'needed', question };
  const comment = typed['comment']?.trim();
  if (comment && comment.length > mostComment) return { wrong: 'tooLong', question };
  if (subject.state === 'issued') await follow(work, survey, subject, 'arrive');
  await follow(work, survey, subject, 'answer', { score, ...(comment ? { comment } : {}) });
  return 'answered';
}
