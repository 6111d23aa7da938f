import type { Clock } from '../../core/clock.ts'

/** Ends a wait: in peace, or with the error that its call rejects with. */
type EndWait = (error?: unknown) => void

/** The waits of one client, so that all of them end when it is closed. */
export class Waits {
  readonly #ends = new Set<EndWait>()

  /** Ends at what `listen` listens for, after the time, or at `end`. `listen` returns how to stop listening. */
  wait(clock: Clock, maxMs: number, listen: (end: () => void) => readonly (() => void)[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const end: EndWait = (error) => {
        this.#ends.delete(end)
        timer.cancel()
        for (const stop of listening) stop()
        if (error === undefined) resolve()
        else reject(error)
      }
      const timer = clock.setTimer(maxMs, end)
      const listening = listen(() => end())
      this.#ends.add(end)
    })
  }

  /** Ends every wait now. */
  end(error?: unknown): void {
    for (const end of [...this.#ends]) end(error)
  }
}
