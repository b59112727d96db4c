/**
 * Loaded before every program the supervisor starts: when the supervisor is gone, however it went, the channel to it
 * closes, and the program ends as if it had been asked to.
 */
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), 10_000).unref();
});
// A program that has nothing more to do may still end.
process.channel?.unref();
