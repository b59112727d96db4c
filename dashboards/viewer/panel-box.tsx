import type { DataFrame } from '@grafana/data';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.js';
import { AxisChart, BarGauge, type BodyProps, Pie, Stat, Table } from './bodies.js';
import type { Setting } from './charts.js';
import { usePage } from './context.js';
import { framesOf, isEmpty, sampleSize } from './frames.js';
import { Icon } from './icons.js';
import type { Surroundings } from './links.js';
import type { Answer, Panel, Values } from './model.js';
import { Popover } from './popover.js';
import { asOfText, milliseconds, type Range } from './time.js';

export interface PanelBoxProps {
  uid: string;
  panel: Panel;
  timeZone: string;
  /** changes at every refresh; `chosen` only with the choice of the range */
  tick: { range: Range; chosen: string; serial: number };
  values: Values;
  around: Surroundings;
}

interface State {
  answer?: Answer;
  /** of the rows, to see whether anything changed */
  text?: string;
  /** what it answers */
  question?: string;
  error?: string;
  /** what failed with it */
  failed?: string;
  loading: boolean;
}

const bodies: Record<string, (props: BodyProps) => preact.JSX.Element | null> = {
  stat: Stat,
  timeseries: AxisChart,
  barchart: AxisChart,
  bargauge: BarGauge,
  piechart: Pie,
  table: Table,
};

/** One panel: asks for its data, and always shows something: a drawing, that there is nothing, or what went wrong. */
export function PanelBox(props: PanelBoxProps) {
  const { panel, timeZone, around } = props;
  const { say, look, language } = usePage();
  const [asTable, setAsTable] = useState(false);
  const { answer, error, loading, outdated, retry } = usePanel(props);
  const frames = useMemo(
    () => (answer ? framesOf(panel, answer.frames, look.theme, timeZone) : undefined),
    [answer?.frames, panel, look],
  );
  const setting = useMemo(
    () => frames && ({ panel, frames, look, language, timeZone, width: 600 } satisfies Setting),
    [frames, language],
  );
  const empty = frames && isEmpty(frames);
  const Body = bodies[panel.type];
  const canSwitch = panel.type !== 'table' && frames && !empty;
  const { x, y, w, h } = panel.gridPos;
  const heading = `panel-${panel.id}`;
  return (
    <section
      class={`panel type-${panel.type} ${w <= 8 ? 'narrow' : 'broad'}`}
      aria-labelledby={heading}
      aria-busy={loading || (outdated && error === undefined)}
      style={{ '--column': `${x + 1} / span ${w}`, '--row': `${y + 1} / span ${h}`, '--height': h, '--width': w }}
    >
      <header class="panel-head">
        <h2 id={heading} title={panel.title}>
          {panel.title}
        </h2>
        <div class="panel-tools">
          {error !== undefined && answer && !outdated && (
            <span class="stale" role="status" title={error}>
              <Icon name="alert" /> {say('stale')}
            </span>
          )}
          <Popover face={<Icon name="info" />} label={`${say('about')}: ${panel.title}`} class="tool" align="end">
            {() => <p class="about">{panel.description}</p>}
          </Popover>
          {canSwitch && (
            <button
              type="button"
              class="tool"
              aria-pressed={asTable}
              aria-label={`${say(asTable ? 'showChart' : 'showData')}: ${panel.title}`}
              title={say(asTable ? 'showChart' : 'showData')}
              onClick={() => setAsTable(!asTable)}
            >
              <Icon name={asTable ? 'chart' : 'table'} />
            </button>
          )}
        </div>
      </header>
      <div
        class={outdated && error === undefined ? 'panel-body outdated' : 'panel-body'}
        tabIndex={panel.type === 'table' || asTable ? 0 : undefined}
      >
        {(!answer || outdated) && error !== undefined ? (
          <div class="notice error" role="alert">
            <Icon name="alert" />
            <p>
              <strong>{say('failed')}</strong>
              <br />
              {error}
            </p>
            <button type="button" class="button" onClick={retry}>
              {say('retry')}
            </button>
          </div>
        ) : !setting ? (
          <div class="skeleton" role="status">
            <span class="unseen">{say('loading')}</span>
          </div>
        ) : empty ? (
          <div class="notice">
            <p>{say('noData')}</p>
          </div>
        ) : asTable ? (
          <Table setting={setting} around={around} plain />
        ) : Body ? (
          <Body setting={setting} around={around} />
        ) : (
          <div class="notice error">
            <p>{panel.type}</p>
          </div>
        )}
      </div>
      <Foot {...{ answer, frames, timeZone }} />
    </section>
  );
}

function Foot({
  answer,
  frames,
  timeZone,
}: {
  answer: Answer | undefined;
  frames: DataFrame[] | undefined;
  timeZone: string;
}) {
  const { say, language } = usePage();
  const n = frames && sampleSize(frames);
  return (
    <footer class="panel-foot">
      {answer && (
        <span>
          {say('asOf')} <time dateTime={answer.asOf}>{asOfText(Date.parse(answer.asOf), language, timeZone)}</time>
        </span>
      )}
      {n !== undefined && (
        <span title={say('sampleAbout')}>
          {say('sample')} {n.toLocaleString()}
        </span>
      )}
    </footer>
  );
}

/** What was drawn stays until the new answer is there; an answer with the same rows changes only the time it is as of. */
function usePanel({ uid, panel, tick, values }: PanelBoxProps): State & { outdated: boolean; retry(): void } {
  const { api, say } = usePage();
  const [state, setState] = useState<State>({ loading: true });
  const [attempt, setAttempt] = useState(0);
  const pending = useRef<{ question: string; attempt: number; stop: AbortController }>(undefined);
  const asked = JSON.stringify([uid, panel.id, values, tick.chosen]);

  useEffect(() => {
    const span = tick.range.to - tick.range.from;
    const { maxDataPoints = 400 } = panel;
    const intervalMs = Math.max(milliseconds(panel.interval ?? ''), Math.ceil(span / maxDataPoints), 1);
    // A refresh does not throw away an answer that is on its way; other choices do.
    if (pending.current?.question === asked && pending.current.attempt === attempt) return;
    pending.current?.stop.abort();
    const stop = new AbortController();
    pending.current = { question: asked, attempt, stop };
    setState((old) => ({ ...old, loading: true }));
    const question = { from: tick.range.from, to: tick.range.to, variables: values, intervalMs, maxDataPoints };
    api
      .panel(uid, panel.id, question, stop.signal)
      .then(
        (answer) => {
          const text = JSON.stringify(answer.frames);
          setState((old) =>
            old.text === text && old.answer
              ? { text, question: asked, answer: { ...answer, frames: old.answer.frames }, loading: false }
              : { text, question: asked, answer, loading: false },
          );
        },
        (error: unknown) => {
          if (stop.signal.aborted) return;
          setState((old) => ({ ...old, error: describe(error, say), failed: asked, loading: false }));
        },
      )
      .finally(() => {
        if (pending.current?.stop === stop) pending.current = undefined;
      });
  }, [asked, tick, attempt, api]);

  useEffect(() => () => pending.current?.stop.abort(), []);
  // Until the answer to another choice is there, the old one stands pale.
  const outdated = state.question !== asked;
  const { answer, loading, error, failed } = state;
  return {
    loading,
    outdated,
    retry: () => setAttempt((n) => n + 1),
    ...(answer ? { answer } : {}),
    ...(error !== undefined && failed === asked ? { error } : {}),
  };
}

export function describe(error: unknown, say: ReturnType<typeof usePage>['say']): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (error.status === 0 || error.status === 503) return say('unreachable');
  return error.message;
}
