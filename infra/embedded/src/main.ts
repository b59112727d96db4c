/** `npm start`: see `--help`. */
const needed = 24;
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Fenxiao needs Node ${needed}; this is ${process.versions.node}. npm scripts use the one npm install brought: npm start.`,
  );
  process.exit(1);
}
// Only now: what follows would not even load on an older one.
const { main } = await import('./commands.js');
await main(process.argv.slice(2));
