import type { Clock } from '../../../core/clock.ts'

/** Lets one loop sleep until a time or until somebody wakes it; a call that comes before the sleep is not lost. */
export class Wakeup {
  readonly #clock: Clock
  #isSet = false
  #resolve: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wake(): void {
    this.#isSet = true
    this.#resolve?.()
  }

  async sleep(delayMs: number): Promise<void> {
    if (!this.#isSet) {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.setTimer(Math.max(0, delayMs), resolve)
        this.#resolve = () => {
          timer.cancel()
          resolve()
        }
      })
      this.#resolve = undefined
    }
    this.#isSet = false
  }
}
