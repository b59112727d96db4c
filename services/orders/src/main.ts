import { main } from '@fenxiao/service-kit/main';
import { migrations } from './migrations.js';

await main('orders', migrations, async () => (await import('./service.js')).orders);
