/** What the viewer reads of Grafana's classic dashboard JSON (schemaVersion 42), and the API of services/analytics. */
import type { FieldConfigSource } from '@grafana/data';

export interface Listed {
  uid: string;
  title: string;
  description: string;
  tags: string[];
}

export interface Dashboard extends Listed {
  /** the business time zone */
  timezone: string;
  refresh: string;
  time: { from: string; to: string };
  panels: Panel[];
  templating: { list: Variable[] };
  links: { title: string; url: string; tooltip: string; includeVars: boolean; keepTime: boolean }[];
}

export interface Option {
  text: string;
  value: string;
}

export interface Variable {
  name: string;
  type: string;
  label?: string;
  /** 0 shown, 1 without label, 2 hidden */
  hide?: number;
  query?: unknown;
  multi?: boolean;
  includeAll?: boolean;
  current?: { text: string | string[]; value: string | string[] };
  options?: Option[];
}

export interface Target {
  refId: string;
  /** 0 time series, 1 table */
  format: number;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  interval?: string;
  maxDataPoints?: number;
  targets: Target[];
  options: PanelOptions;
  fieldConfig: FieldConfigSource<Custom>;
}

/** Options of the six types, as far as they are drawn. */
export interface PanelOptions {
  reduceOptions?: { calcs: string[]; values?: boolean; fields?: string; limit?: number };
  orientation?: string;
  stacking?: string;
  pieType?: string;
  legend?: { showLegend?: boolean };
}

export interface Custom {
  drawStyle?: string;
  lineWidth?: number;
  lineStyle?: { fill?: string };
  fillOpacity?: number;
  spanNulls?: boolean;
  stacking?: { mode?: string };
  hideFrom?: { viz?: boolean; legend?: boolean; tooltip?: boolean };
  align?: string;
  /** of a table's column: older tables call it so, and Grafana still reads it */
  hidden?: boolean;
  cellOptions?: { type?: string; mode?: string };
}

export type Values = Record<string, string | string[]>;

export interface Result {
  refId: string;
  columns: { name: string; type: string }[];
  rows: unknown[][];
}

export interface Answer {
  frames: Result[];
  asOf: string;
  elapsedMs: number;
}

export const all = '$__all';
