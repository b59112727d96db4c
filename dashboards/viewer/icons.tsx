/** Line icons of one weight, 16 × 16, in the colour of the text. */
const paths = {
  calendar: 'M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5v3M10.5 2.5v3',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
  down: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  check: 'm3.5 8.5 3 3 6-7',
  info: 'M8 7.2v4M8 4.9v.2M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0',
  table: 'M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.8h11M6.5 6.5V13',
  chart: 'M3 13V7.5M8 13V3M13 13V9.5',
  expand: 'M6 2.5H2.5V6M10 2.5h3.5V6M6 13.5H2.5V10M10 13.5h3.5V10',
  print: 'M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z',
  person: 'M8 8.2a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2M2.8 13.5c.6-2.2 2.7-3.4 5.2-3.4s4.6 1.2 5.2 3.4',
  arrow: 'M3 8h9.5M9 4.5 12.5 8 9 11.5',
  alert: 'M8 5.5v3.5M8 11v.2M8 1.8 14.6 13.5H1.4z',
  close: 'm4 4 8 8M12 4l-8 8',
} as const;

export type IconName = keyof typeof paths;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);
