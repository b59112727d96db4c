/** Colours, for charts and for Grafana's field configuration. Those of the page stand in styles.css. */
import { createTheme, type GrafanaTheme2 } from '@grafana/data';

export interface Look {
  theme: GrafanaTheme2;
  dark: boolean;
  ink: string;
  muted: string;
  line: string;
  surface: string;
  font: string;
}

/** Told apart with any colour vision (after Okabe and Ito), and 3:1 against the panel. */
const palettes = {
  light: ['#2b6cb0', '#c77700', '#0a8a6c', '#a8548f', '#b8501a', '#2e8fc4', '#7d6f00', '#66717f'],
  dark: ['#6aa9e9', '#f0ae48', '#45c4a3', '#d690c0', '#ec8b58', '#8ccdf3', '#cbbb52', '#9aa7b6'],
};

/** Grafana's names as our dashboards use them: for thresholds and mappings. */
const named = {
  light: { green: '#0a7a5f', orange: '#a86400', red: '#b3361e', blue: '#2b6cb0', text: '#1b2430' },
  dark: { green: '#4fcfae', orange: '#f0ae48', red: '#f58a72', blue: '#6aa9e9', text: '#e8edf3' },
};

const fonts =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

export function lookOf(dark: boolean): Look {
  const mode = dark ? 'dark' : 'light';
  const theme = createTheme({ colors: { mode } });
  const own: Record<string, string> = named[mode];
  const original = theme.visualization.getColorByName;
  theme.visualization.palette = palettes[mode];
  theme.visualization.getColorByName = (name) => own[name] ?? original(name);
  return {
    theme,
    dark,
    font: fonts,
    ...(dark
      ? { ink: '#e8edf3', muted: '#9eabba', line: '#273242', surface: '#161d27' }
      : { ink: '#1b2430', muted: '#5a6675', line: '#e4e8ed', surface: '#ffffff' }),
  };
}
