import { main } from '@fenxiao/service-kit/main';
import { migrations } from './migrations.js';

await main('console', migrations, async () => (await import('./service.js')).consoleService);
