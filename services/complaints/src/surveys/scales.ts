import type { SurveyKind } from '@fenxiao/contracts/surveys';

/** C-18, K-Q11, K-Q12 Scales 评分尺度: satisfaction from 1 to 5, recommendation from 0 to 10; what counts as low. */

interface Scale {
  readonly least: number;
  readonly most: number;
  /** up to here a customer is not satisfied, or a detractor */
  readonly low: number;
}
const satisfaction: Scale = { least: 1, most: 5, low: 2 };
const scales: Readonly<Record<SurveyKind, Scale>> = {
  delivery: satisfaction,
  complaint: satisfaction,
  nps: { least: 0, most: 10, low: 6 },
};

/** Every score that may be given, from the worst to the best. */
export function scoresOf(kind: SurveyKind): readonly number[] {
  const { least, most } = scales[kind];
  return Array.from({ length: most - least + 1 }, (_, i) => least + i);
}

export const isLow = (kind: SurveyKind, score: number): boolean => score <= scales[kind].low;
