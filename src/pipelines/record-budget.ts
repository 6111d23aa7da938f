/** A record that would be more events stays one. */
export const eventsMax = 10_000

/** An envelope repeats in each of its events what it says of all of them: so many characters in all. */
const repeatedMax = 4 * 1024 * 1024

/** What a record may still become. One is used for all records: `refill` begins the next. */
export class RecordBudget {
  #events = 0
  #repeated = 0

  refill(): void {
    this.#events = eventsMax
    this.#repeated = repeatedMax
  }

  /** The record is too much: it stays one event. */
  get isSpent(): boolean {
    return this.#events < 0 || this.#repeated < 0
  }

  /** For events that have so many characters in common. */
  spend(events: number, shared: number): void {
    this.#events -= events
    this.#repeated -= events * shared
  }
}
