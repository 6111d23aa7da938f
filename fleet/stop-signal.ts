/**
 * Resolves with the name of the first signal that asks the process to end. Called before anything else is loaded: until
 * then a signal kills the process, or is ignored where it is PID 1, as in a container.
 */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}
