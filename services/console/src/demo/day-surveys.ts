import type { Stories, Story, Subject } from './day-story.js';

/** Surveys: the links are handed over, and customers answer them. */

const clerk = 'sales-support-clerk';

/** How often each score is given, of thirty; and what those who are not satisfied say. */
const recommend = [10, 9, 8, 10, 9, 7, 9, 10, 4, 8, 9, 10, 6, 9, 8, 10, 9, 3, 10, 8, 9, 7, 10, 5, 9, 8, 10, 9, 6, 8];
const reasons: Readonly<Record<number, string>> = {
  3: '两次送货都比约定晚',
  4: '同城价格比别家高',
  5: '色差问题处理太慢',
  6: '新品样板给得太少',
};
const satisfied = [5, 4, 5, 4, 2, 5, 3, 5, 4, 5];

/** Links that are handed over and not answered yet, beside those that are answered. */
const unanswered = 12;

export const surveyStories: Stories = {
  /** Whoever bought in the half-year before is asked whether they would recommend us; most of those who got the link answer. */
  async recommendation(t) {
    await t.runJob('issue-nps-surveys', 'half-yearly', '演示环境启用前的半年度调查', { service: 'complaints' });
    const issued = await t.list<object>(clerk, 'complaints/surveys?kind=nps&state=issued');
    // some are left for whoever looks at the demonstration
    const handed = issued.slice(0, Math.min(recommend.length + 8 + unanswered, Math.ceil(issued.length * 0.8)));
    const willAnswer = handed.length - Math.min(unanswered, Math.floor(handed.length / 4));
    for (const [i, survey] of handed.entries()) {
      await t.move(clerk, survey, 'deliver', { way: 'message' });
      if (i < willAnswer) await answer(t, survey, recommend[i % recommend.length]!, reasons);
    }
  },

  /** Of what was delivered today. */
  async deliveries(t) {
    await t.find(clerk, 'complaints/surveys?kind=delivery&state=issued');
    const issued = await t.list<object>(clerk, 'complaints/surveys?kind=delivery&state=issued');
    for (const [i, survey] of issued.slice(0, satisfied.length).entries()) {
      await t.move(clerk, survey, 'deliver', { way: 'visit' });
      await answer(t, survey, satisfied[i]!, { 2: '送货车辆进不了小区，等了两小时' });
    }
  },

  /** Of how a complaint was handled. */
  async complaintHandling(t) {
    const survey = await t.find(clerk, 'complaints/surveys?kind=complaint&state=issued');
    await t.move(clerk, survey, 'deliver', { way: 'message' });
    await answer(t, survey, 4, {});
  },
};

async function answer(t: Story, survey: Subject, score: number, why: Readonly<Record<number, string>>): Promise<void> {
  const { link } = await t.read<{ link: string }>(clerk, { path: `${survey.path}/link` });
  const token = new URL(link, 'http://fenxiao').searchParams.get('token')!;
  const comment = why[score];
  await t.fill('/survey', { token, score: String(score), ...(comment ? { comment } : {}) });
}
