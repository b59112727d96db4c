import { main } from '@fenxiao/service-kit/main';
import { migrations } from './migrations.js';

await main('planning', migrations, async () => (await import('./service.js')).planning);
