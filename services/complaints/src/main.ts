import { main } from '@fenxiao/service-kit/main';
import { migrations } from './migrations.js';

await main('complaints', migrations, async () => (await import('./service.js')).complaints);
