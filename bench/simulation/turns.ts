/** Of the event loop that the machine has, which the simulation itself uses. */
const realImmediate = globalThis.setImmediate
/** A thread that never rests has so many turns before the clock goes on. */
const turnsMax = 40

/**
 * The turns of the event loop, which come when the simulation says so. What asks for one between `begin` and `end` waits in
 * line; nothing that is real, such as a disk, decides what comes first.
 */
export class Turns {
  #waiting: (() => void)[] = []
  #isFrozen = false

  begin(): void {
    globalThis.setImmediate = ((callback: (...args: unknown[]) => void, ...args: unknown[]) => {
      if (this.#isFrozen) return realImmediate(callback, ...args)
      this.#waiting.push(() => callback(...args))
      return undefined as unknown as NodeJS.Immediate
    }) as typeof setImmediate
  }

  end(): void {
    globalThis.setImmediate = realImmediate
  }

  /** Runs what can run without time. `between` acts while nothing of it runs, and returns what to tell it of that. */
  async settle(between: () => Promise<readonly (() => void)[]>): Promise<void> {
    await drained()
    for (let turn = 0; turn < turnsMax; turn++) {
      this.#isFrozen = true
      const tell = await between()
      this.#isFrozen = false
      for (const each of tell) {
        each()
        await drained()
      }
      const waiting = this.#waiting
      if (waiting.length === 0 && tell.length === 0) return
      this.#waiting = []
      for (const callback of waiting) {
        callback()
        await drained()
      }
    }
  }
}

/** All promises that are settled have called back. */
function drained(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
