import type { Work } from '@fenxiao/service-kit/work';
import { SignedLinks } from '@fenxiao/service-kit/signed-links';
import { settings } from '../config.js';
import type { Survey } from './survey-table.js';

/** C-18 The link of a survey 调查链接: opens the one survey until its last day has ended, and is kept nowhere. */

const linksOf = (work: Work): SignedLinks => {
  const { SURVEY_LINK_KEY: key, SURVEY_LINK_KEY_PREVIOUS: previous } = settings(work);
  return new SignedLinks('fenxiao-survey', { key, previous });
};

/** Whole where we know by what name customers find us, otherwise its path. */
export async function linkTo(work: Work, { id, expiresOn }: Survey): Promise<string> {
  const token = await linksOf(work).sign(id, work.calendar.endOfDay(expiresOn));
  return `${settings(work).PUBLIC_URL ?? ''}/survey?token=${token}`;
}

/** @returns the id of the survey it opens; undefined where it was forged or is over */
export const surveyOf = (work: Work, token: string): Promise<string | undefined> =>
  linksOf(work).subject(token, work.now);
