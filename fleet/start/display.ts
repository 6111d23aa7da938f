import { systemClock, type Timer } from '../../src/core/clock.ts'
import type { Alert } from '../../schemas/alert.ts'
import { renderLine, renderPage } from '../view/render.ts'
import type { FleetSnapshot } from '../view/snapshot.ts'

/** Shows the fleet on a terminal, or as plain lines where there is none. */
export interface Display {
  alert(alert: Alert): void
  stop(): void
}

const pageEveryMs = 1000
const lineEveryMs = 5000

export function startDisplay(output: NodeJS.WriteStream, snapshot: () => FleetSnapshot): Display {
  const isTerminal = output.isTTY === true
  let previous: FleetSnapshot | undefined
  let timer: Timer
  const show = (): void => {
    const current = snapshot()
    if (isTerminal) output.write(`\x1b[H\x1b[2J${renderPage(current, previous, output.columns)}\n`)
    else output.write(`${renderLine(current, previous)}\n`)
    previous = current
    timer = systemClock.setTimer(isTerminal ? pageEveryMs : lineEveryMs, show)
  }
  show()
  return {
    alert(found) {
      const { status, severity, rule, summary } = found
      const what = status === 'resolved' ? 'RESOLVED' : 'ALERT'
      if (!isTerminal) output.write(`${what} ${severity} ${rule}: ${summary}\n`)
    },
    stop() {
      timer.cancel()
      show()
      timer.cancel()
    },
  }
}
