/**
 * The version of each KPI's definition that the panels compute, counted from 1: it goes up when the formula, the inputs
 * or the edge cases change. The definitions stand in the KPI catalogue; O-01 is the clause of the order's states.
 */
export const definitionVersions = {
  'K-S02': 1,
  'K-S08': 1,
  'K-S13': 1,
  'K-S21': 1,
  'K-S22': 1,
  'K-M01': 1,
  'K-M02': 1,
  'K-M03': 1,
  'K-M04': 1,
  'K-M16': 1,
  'K-X01': 1,
  'K-X03': 1,
  'O-01': 1,
} as const;

export type Kpi = keyof typeof definitionVersions;
