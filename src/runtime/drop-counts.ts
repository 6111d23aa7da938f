type Counts = Record<string, number>

/** Counts of dropped records by the topic that they were read from and the reason. */
export class DropCounts {
  readonly #topics = new Map<string, Map<string, number>>()

  add(topic: string, reason: string, count = 1): void {
    let reasons = this.#topics.get(topic)
    if (reasons === undefined) this.#topics.set(topic, (reasons = new Map()))
    reasons.set(reason, (reasons.get(reason) ?? 0) + count)
  }

  addAll(more: DropCounts): void {
    for (const [topic, reasons] of more.#topics) {
      for (const [reason, count] of reasons) this.add(topic, reason, count)
    }
  }

  /** Counts by reason, of all topics together. */
  byReason(): Readonly<Counts> {
    const sums: Counts = {}
    for (const reasons of this.#topics.values()) {
      for (const [reason, count] of reasons) sums[reason] = (sums[reason] ?? 0) + count
    }
    return sums
  }

  /** Counts by topic, then by reason. */
  byTopic(): Readonly<Record<string, Readonly<Counts>>> {
    return Object.fromEntries([...this.#topics].map(([topic, reasons]) => [topic, Object.fromEntries(reasons)]))
  }
}
