import type { Clock } from '../core/clock.ts'
import type { Host } from './host.ts'
import { printable } from './printable.ts'

const clearScreen = '\u001b[H\u001b[2J'

/** How often a view is drawn: once, or again and again on a terminal until the process is asked to stop. */
export interface ViewOptions {
  readonly once?: boolean
  readonly json?: boolean
  readonly interval: number
}

/** Draws `render` once, or every `interval` seconds where a person watches. */
export async function liveView(
  host: Host,
  clock: Clock,
  { once, json, interval }: ViewOptions,
  render: () => Promise<string>,
): Promise<void> {
  if (once === true || json === true || !host.out.isTerminal) {
    host.out.write(printable(await render()))
    return
  }
  let isStopped = false
  const stopped = host.stop.then(() => void (isStopped = true))
  while (!isStopped) {
    host.out.write(clearScreen + printable(await render()))
    await Promise.race([clock.sleep(interval * 1000), stopped])
  }
}
