/**
 * Resolves with the name of the first signal that asks the process to end. Called before anything else is loaded: until
 * then a signal kills the process, or is ignored where it is PID 1, as in a container. Signals that follow change
 * nothing: npm and shells pass one on that the process has already, and the end has its own limit.
 */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve(signal))
  })
}
