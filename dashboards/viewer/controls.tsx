/** What a person can choose: variables, the time range, how often to refresh. */
import { useState } from 'preact/hooks';
import { usePage } from './context.js';
import { Icon } from './icons.js';
import { all, type Option, type Variable } from './model.js';
import { Popover } from './popover.js';
import { dateOf, dateText, endOfDate, quickRanges, type Range, startOfDate } from './time.js';

interface ChoiceProps {
  variable: Variable;
  /** undefined while they are being fetched */
  options: Option[] | undefined;
  value: string | string[];
  onChange(value: string | string[]): void;
}

export function Choice({ variable, options = [], value, onChange }: ChoiceProps) {
  const { say } = usePage();
  const label = variable.label ?? variable.name;
  if (variable.multi) return <Several {...{ variable, options, value, onChange }} />;
  return (
    <label class="choice">
      <span>{label}</span>
      <select class="button" value={String(value)} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {variable.includeAll && <option value={all}>{say('all')}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Several({ variable, options = [], value, onChange }: ChoiceProps) {
  const { say } = usePage();
  const [search, setSearch] = useState('');
  const label = variable.label ?? variable.name;
  const chosen = [value].flat();
  // An empty choice filters nothing, so it reads as what it does.
  const everything = chosen.includes(all) || chosen.length === 0;
  const name = (one: string): string => options.find((option) => option.value === one)?.text ?? one;
  const last = (text: string): string => text.split(' / ').at(-1)!;
  const face = everything
    ? say('all')
    : chosen.length === 1
      ? last(name(chosen[0]!))
      : say('chosen', { n: chosen.length });
  const toggle = (one: string) => {
    if (everything) return onChange([one]);
    const rest = chosen.filter((other) => other !== one);
    const next = rest.length < chosen.length ? rest : [...chosen, one];
    onChange(next.length === 0 && variable.includeAll ? [all] : next);
  };
  const matching = options.filter(({ text }) => text.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <div class="choice">
      <span aria-hidden="true">{label}</span>
      <Popover
        label={`${label}: ${face}`}
        face={
          <>
            <span class="face">{face}</span>
            <Icon name="down" />
          </>
        }
      >
        {() => (
          <div class="several">
            {options.length > 8 && (
              <input
                type="search"
                class="search"
                placeholder={say('search')}
                aria-label={say('search')}
                value={search}
                onInput={({ currentTarget }) => setSearch(currentTarget.value)}
              />
            )}
            <fieldset>
              <legend class="unseen">{label}</legend>
              {variable.includeAll && search === '' && (
                <label>
                  <input
                    type="checkbox"
                    checked={everything}
                    onChange={({ currentTarget }) => {
                      currentTarget.checked = true;
                      onChange([all]);
                    }}
                  />
                  <span>{say('all')}</span>
                </label>
              )}
              {matching.map((option) => {
                const path = option.text.split(' / ');
                return (
                  <label key={option.value} title={option.text} style={{ '--depth': search ? 0 : path.length - 1 }}>
                    <input
                      type="checkbox"
                      checked={!everything && chosen.includes(option.value)}
                      onChange={() => toggle(option.value)}
                    />
                    <span>{search ? option.text : path.at(-1)}</span>
                  </label>
                );
              })}
              {matching.length === 0 && <p class="hint">{say('noMatch')}</p>}
            </fieldset>
          </div>
        )}
      </Popover>
    </div>
  );
}

interface TimeProps {
  from: string;
  to: string;
  range: Range;
  timeZone: string;
  onChange(from: string, to: string): void;
}

export function TimeChoice({ from, to, range, timeZone, onChange }: TimeProps) {
  const { say, language } = usePage();
  const quick = quickRanges.find(([start, end]) => start === from && end === to);
  const [first, last] = [dateOf(range.from, timeZone), dateOf(range.to, timeZone)];
  const dates = `${dateText(range.from, language, timeZone)} – ${dateText(range.to, language, timeZone)}`;
  const face = quick ? say(quick[2]) : dates;
  const [wrong, setWrong] = useState(false);
  const apply = (event: SubmitEvent, close: () => void) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const date = (name: string): string => data.get(name) as string;
    const start = startOfDate(date('from'), timeZone);
    const end = endOfDate(date('to'), timeZone);
    setWrong(!(start < end));
    if (!(start < end)) return;
    onChange(String(start), String(end));
    close();
  };
  return (
    <Popover
      align="end"
      label={`${say('timeRange')}: ${face}`}
      face={
        <>
          <Icon name="calendar" />
          <span class="face">{face}</span>
          <Icon name="down" />
        </>
      }
    >
      {(close) => (
        <div class="times">
          <ul>
            {quickRanges.map(([start, end, word]) => (
              <li key={word}>
                <button
                  type="button"
                  class="row"
                  aria-pressed={start === from && end === to}
                  onClick={() => {
                    onChange(start, end);
                    close();
                  }}
                >
                  {say(word)}
                </button>
              </li>
            ))}
          </ul>
          <form onSubmit={(event) => apply(event, close)}>
            <label>
              {say('from')}
              <input type="date" name="from" required defaultValue={first} />
            </label>
            <label>
              {say('until')}
              <input type="date" name="to" required defaultValue={last} />
            </label>
            {wrong && (
              <p class="hint" role="alert">
                {say('wrongRange')}
              </p>
            )}
            <button type="submit" class="button strong">
              {say('apply')}
            </button>
            <p class="hint">
              {dates}
              <br />
              {say('businessTime')}: {timeZone}
            </p>
          </form>
        </div>
      )}
    </Popover>
  );
}

const intervals = ['', '1s', '5s', '10s', '30s', '1m', '5m'];

export function RefreshChoice({
  value,
  onChange,
  onNow,
}: {
  value: string;
  onChange(value: string): void;
  onNow(): void;
}) {
  const { say } = usePage();
  const text = (interval: string): string => {
    if (interval === '') return say('off');
    if (interval === '1s') return say('live');
    const n = Number.parseInt(interval, 10);
    return interval.endsWith('m') ? say('everyMinutes', { n }) : say('everySeconds', { n });
  };
  const offered = intervals.includes(value) ? intervals : [...intervals, value];
  return (
    <div class="refresh">
      <button type="button" class="button" aria-label={say('refreshNow')} title={say('refreshNow')} onClick={onNow}>
        <Icon name="refresh" />
      </button>
      <select
        class="button"
        aria-label={say('refresh')}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {offered.map((interval) => (
          <option key={interval} value={interval}>
            {text(interval)}
          </option>
        ))}
      </select>
    </div>
  );
}
