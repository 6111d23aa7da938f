/** No person reads faster. */
const leastMsBetween = 50

/** Calls a function in the next frame, once for all calls until then, and at most 20 times a second. */
export class FrameGate {
  readonly #show: () => void
  #frame: number | undefined
  #shownMs = 0

  constructor(show: () => void) {
    this.#show = show
  }

  ask(): void {
    this.#frame ??= requestAnimationFrame((nowMs) => this.#pass(nowMs))
  }

  close(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#frame = undefined
  }

  #pass(nowMs: number): void {
    this.#frame = undefined
    if (nowMs - this.#shownMs < leastMsBetween) return this.ask()
    this.#shownMs = nowMs
    this.#show()
  }
}
