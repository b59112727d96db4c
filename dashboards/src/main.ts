/** `npm run build`: Grafana's provisioning (checked in) and the viewer's copies beside the compiled code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { alertProvisioning } from './alerts.js';
import { build } from './build.js';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const alerting = file('../provisioning/alerting');
mkdirSync(alerting, { recursive: true });
writeFileSync(`${alerting}/fenxiao.json`, `${JSON.stringify(alertProvisioning(), undefined, 2)}\n`);
for (const language of ['zh', 'en'] as const) {
  const folder = file(`../provisioning/${language}`);
  mkdirSync(folder, { recursive: true });
  for (const dashboard of build(language, 'grafana'))
    writeFileSync(`${folder}/${dashboard.uid}.json`, `${JSON.stringify(dashboard, undefined, 2)}\n`);
  writeFileSync(file(`./dashboards-${language}.json`), JSON.stringify(build(language, 'viewer')));
}
