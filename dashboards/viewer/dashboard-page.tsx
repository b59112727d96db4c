import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from './address.js';
import { Choice, RefreshChoice, TimeChoice } from './controls.js';
import { usePage } from './context.js';
import { Icon } from './icons.js';
import { linksOf, type Surroundings } from './links.js';
import { all, type Dashboard, type Option, type Values, type Variable } from './model.js';
import { describe, PanelBox } from './panel-box.js';
import { milliseconds, type Range, readRange } from './time.js';

export interface DashboardPageProps {
  dashboard: Dashboard;
  place: Place;
  onPlace(place: Place): void;
}

/** A dashboard with its controls. All that a person chooses goes into the address and comes back from there. */
export function DashboardPage({ dashboard, place, onPlace }: DashboardPageProps) {
  const { say, go, print } = usePage();
  const timeZone = dashboard.timezone;
  const from = place.from ?? dashboard.time.from;
  const to = place.to ?? dashboard.time.to;
  const refresh = place.refresh ?? dashboard.refresh;
  const shown = dashboard.templating.list.filter(({ hide, type }) => hide !== 2 && /^(query|custom)$/.test(type));
  const values = useMemo(() => valuesOf(shown, place.values), [dashboard, JSON.stringify(place.values)]);
  const [tick, again] = useTick(from, to, timeZone, refresh, dashboard);
  const [options, failure] = useOptions(dashboard.uid, shown, values, tick.range);
  const around: Surroundings = { from, to, values };
  const change = (part: Partial<Place>) => onPlace({ ...place, ...part });

  useEffect(() => {
    document.title = `${dashboard.title} · ${say('product')}`;
  }, [dashboard, say]);

  return (
    <>
      <div class="bar">
        <div class="bar-title">
          <h1>{dashboard.title}</h1>
          <nav class="drills" aria-label={dashboard.title}>
            {linksOf(dashboard, around).map(({ title, href, tooltip }) => (
              <a key={href} href={href} title={tooltip}>
                {title} <Icon name="arrow" />
              </a>
            ))}
          </nav>
        </div>
        <div class="choices">
          {shown.map((variable) => (
            <Choice
              key={variable.name}
              variable={variable}
              options={options[variable.name]}
              value={values[variable.name] ?? []}
              onChange={(value) => change({ values: { ...values, [variable.name]: value } })}
            />
          ))}
          {Object.keys(place.values).length > 0 && (
            <button type="button" class="button quiet" onClick={() => change({ values: {} })}>
              <Icon name="close" /> {say('clearFilter')}
            </button>
          )}
        </div>
        <div class="times-and-tools">
          <TimeChoice
            {...{ from, to, timeZone }}
            range={tick.range}
            onChange={(start, end) => change({ from: start, to: end })}
          />
          <RefreshChoice value={refresh} onChange={(value) => change({ refresh: value })} onNow={again} />
          <button type="button" class="button square" aria-label={say('print')} title={say('print')} onClick={print}>
            <Icon name="print" />
          </button>
          <button
            type="button"
            class="button square"
            aria-label={say('kiosk')}
            title={say('kiosk')}
            onClick={() => {
              change({ kiosk: true });
              void document.documentElement.requestFullscreen?.().catch(() => undefined);
            }}
          >
            <Icon name="expand" />
          </button>
        </div>
      </div>
      {failure !== undefined && (
        <p class="notice error" role="alert">
          {describe(failure, say)}
        </p>
      )}
      <PrintHead {...{ dashboard, shown, options, values }} range={tick.range} />
      <div class="grid">
        {dashboard.panels.map((panel) => (
          <PanelBox key={panel.id} uid={dashboard.uid} {...{ panel, timeZone, tick, values, around }} />
        ))}
      </div>
      {place.kiosk && (
        <button
          type="button"
          class="button leave-kiosk"
          onClick={() => leaveKiosk(() => go(location.pathname + location.search.replace(/[?&]kiosk\b=?/, '')))}
        >
          <Icon name="close" /> {say('leaveKiosk')}
        </button>
      )}
    </>
  );
}

function leaveKiosk(then: () => void): void {
  if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
  then();
}

/** On paper the controls are gone, so what they said stands in a line. */
function PrintHead({
  dashboard,
  shown,
  options,
  values,
  range,
}: {
  dashboard: Dashboard;
  shown: Variable[];
  options: Record<string, Option[]>;
  values: Values;
  range: Range;
}) {
  const { say, language } = usePage();
  const text = (variable: Variable): string =>
    [values[variable.name] ?? []]
      .flat()
      .map((value) =>
        value === all ? say('all') : (options[variable.name]?.find((option) => option.value === value)?.text ?? value),
      )
      .join(', ');
  const date = (at: number) =>
    new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
      dateStyle: 'medium',
      timeZone: dashboard.timezone,
    }).format(at);
  return (
    <p class="print-head">
      {date(range.from)} – {date(range.to)} ({dashboard.timezone})
      {shown.map((variable) => ` · ${variable.label ?? variable.name}: ${text(variable)}`)}
    </p>
  );
}

/** What the address says, else what the dashboard says; a variable for several is always a list. */
function valuesOf(variables: Variable[], chosen: Values): Values {
  return Object.fromEntries(
    variables.map(({ name, multi, current, includeAll }) => {
      const value = chosen[name] ?? current?.value ?? (includeAll ? all : '');
      const list = [value].flat().filter((one) => one !== '');
      return [name, multi ? list : (list[0] ?? '')];
    }),
  );
}

/** The range as of now, made anew at each refresh; not while nobody looks. */
function useTick(from: string, to: string, timeZone: string, refresh: string, dashboard: Dashboard) {
  const make = (serial: number) => {
    const chosen = `${from} ${to}`;
    try {
      return { serial, chosen, range: readRange(from, to, timeZone) };
    } catch {
      // A link with a range that can't be read shows the dashboard's own.
      return { serial, chosen, range: readRange(dashboard.time.from, dashboard.time.to, timeZone) };
    }
  };
  const [tick, setTick] = useState(() => make(0));
  const again = () => setTick(({ serial }) => make(serial + 1));
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) again();
    first.current = false;
    const every = milliseconds(refresh);
    if (every === 0) return undefined;
    const timer = setInterval(
      () => {
        if (!document.hidden) again();
      },
      Math.max(every, 1000),
    );
    const back = () => {
      if (!document.hidden) again();
    };
    document.addEventListener('visibilitychange', back);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', back);
    };
  }, [from, to, timeZone, refresh]);
  return [tick, again] as const;
}

/** Options of the variables: fixed ones from the JSON, the others asked for once a dashboard. */
function useOptions(uid: string, variables: Variable[], values: Values, range: Range) {
  const { api } = usePage();
  const [options, setOptions] = useState<Record<string, Option[]>>({});
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    const stop = new AbortController();
    const fixed = variables.filter(({ type }) => type === 'custom');
    setOptions(
      Object.fromEntries(fixed.map(({ name, options: own = [] }) => [name, own.filter(({ value }) => value !== all)])),
    );
    setFailure(undefined);
    for (const { name, type } of variables) {
      if (type !== 'query') continue;
      api.options(uid, name, { ...range, variables: values }, stop.signal).then(
        (found) => setOptions((old) => ({ ...old, [name]: found })),
        (error: unknown) => {
          if (!stop.signal.aborted) setFailure(error);
        },
      );
    }
    return () => stop.abort();
  }, [uid, api]);
  return [options, failure] as const;
}
