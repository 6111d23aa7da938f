/** Fewer refusals than this are always the documents' own fault. */
const leastRefusals = 20
/** The share is that of so many documents, about. */
const remembered = 1000

/**
 * Tells a target that refuses single documents from one that refuses nearly all: a mapping that was changed, an index
 * that is gone. Dead letters of these would empty the topic, so that the documents wait for a person instead.
 */
export class RefusalBreaker {
  readonly #shareMax: number
  #refused = 0
  #written = 0

  /** `shareMax`: of the documents that the target judges, from 0 to 1; 1 lets it refuse all. */
  constructor(shareMax: number) {
    this.#shareMax = shareMax
  }

  /** The target refuses more than it may. */
  get isTripped(): boolean {
    if (this.#shareMax >= 1 || this.#refused < leastRefusals) return false
    return this.#refused > this.#shareMax * (this.#refused + this.#written)
  }

  /** Counts the fate of documents; those that are refused once more while it is tripped count once. */
  note(written: number, refused: number): void {
    if (!this.isTripped) this.#refused += refused
    this.#written += written
    while (this.#refused + this.#written > 2 * remembered) {
      this.#refused /= 2
      this.#written /= 2
    }
  }
}
