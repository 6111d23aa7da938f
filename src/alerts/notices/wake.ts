/** The earliest of the times at which something may have to be done. */
export class Wake {
  #ms: number | null = null

  get ms(): number | null {
    return this.#ms
  }

  at(epochMs: number): void {
    if (this.#ms === null || epochMs < this.#ms) this.#ms = epochMs
  }
}
