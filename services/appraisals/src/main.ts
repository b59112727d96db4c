import { main } from '@fenxiao/service-kit/main';
import { migrations } from './migrations.js';

await main('appraisals', migrations, async () => (await import('./service.js')).appraisals);
