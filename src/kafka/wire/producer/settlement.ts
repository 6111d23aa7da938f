/** Wakes those who wait until batches of a producer are acknowledged or have failed. */
export class Settlement {
  readonly #waiters = new Set<() => void>()

  /** Something was acknowledged or has failed. */
  look(): void {
    for (const check of [...this.#waiters]) check()
  }

  /** Resolves when the condition holds after some batch was acknowledged or failed; it is looked at then only. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve()
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isMet()) return
        this.#waiters.delete(check)
        resolve()
      }
      this.#waiters.add(check)
    })
  }
}
