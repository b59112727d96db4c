/** A dashboard as we write it down, before Grafana's form. */
import type { Language } from '@fenxiao/domain/dictionary';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Power } from './panels.js';
import type { Scope } from './sql.js';
import type { Term, Translate } from './words.js';

export interface Make {
  language: Language;
  t: Translate;
  term: Term;
  scope: Scope;
}

export interface Definition {
  /** stable: addresses name it */
  uid: string;
  title: string;
  description: string;
  tags: string[];
  time: { from: string; to: string };
  /** dashboards to go on with, with what is chosen here */
  links: { title: string; url: string }[];
  variables: { builder: Builder<VariableModel>; power?: Power }[];
  /** Rows of the 24-column grid; widths are in proportion where a panel is left out. */
  rows: { height: number; panels: { width: number; panel: Panel; power?: Power }[] }[];
}
