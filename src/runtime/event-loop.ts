/** Lets sockets, timers and heartbeats of the process have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
