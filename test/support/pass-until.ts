import type { ManualClock } from '../../src/core/clock.ts'

/** Lets time pass in steps, with what sockets bring in between, until the check holds. */
export async function passUntil(clock: ManualClock, check: () => boolean, maxMs: number): Promise<void> {
  for (let ms = 0; !check(); ms += 50) {
    if (ms >= maxMs) throw new Error(`not so after ${maxMs} ms`)
    clock.advance(50)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
