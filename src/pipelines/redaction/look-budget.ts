/** As many groups of digits, or 16,384 other signs: a log of 1 MiB may hold one in each 64 characters. */
const unitsMost = 98_304
/** A group of digits takes one unit, where they begin some more, and any other sign: what follows it is read too. */
export const signCost = 6
export const numbersCost = 5
/** A number that is hidden: its digits are summed up, and the text is put together again around it. */
export const hiddenNumberCost = 12
/** A name that no other log has had: its words are compared with those of all rules. */
export const nameCost = 24

/**
 * How much of one document is looked at closely. A first look takes about a nanosecond per character, a closer one some
 * hundred: a text of nothing but signs would hold the event loop. What is not looked at is hidden.
 */
export class LookBudget {
  #units = unitsMost

  /** Begins the next document. `share`: how much of it one pass may take where another may follow. */
  refill(share = 1): void {
    this.#units = unitsMost * share
  }

  get isSpent(): boolean {
    return this.#units <= 0
  }

  spend(units: number): void {
    this.#units -= units
  }
}
