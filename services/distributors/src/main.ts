import { main } from '@fenxiao/service-kit/main';
import { migrations } from './migrations.js';

await main('distributors', migrations, async () => (await import('./service.js')).distributors);
