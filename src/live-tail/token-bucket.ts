/** So many in a second, and in one go. */
export class TokenBucket {
  readonly #perSecond: number
  #tokens: number
  #filledMs: number

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
    this.#filledMs = nowMs
  }

  /** Tokens for the time that has passed. */
  fill(nowMs: number): void {
    const gained = ((nowMs - this.#filledMs) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#perSecond, this.#tokens + gained)
    this.#filledMs = nowMs
  }

  get isEmpty(): boolean {
    return this.#tokens < 1
  }

  take(): void {
    this.#tokens--
  }
}
