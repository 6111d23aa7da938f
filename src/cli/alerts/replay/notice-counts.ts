import type { Notice, NoticeKind } from '../../../alerts/index.ts'

/** What receivers would have got, by kind. */
export class NoticeCounts {
  readonly #sent = new Map<string, Map<NoticeKind, number>>()
  readonly #held = new Map<string, number>()

  sent({ receiver, kind }: Notice): void {
    const counts = this.#sent.get(receiver) ?? new Map<NoticeKind, number>()
    this.#sent.set(receiver, counts)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }

  held({ receiver }: Notice): void {
    this.#held.set(receiver, (this.#held.get(receiver) ?? 0) + 1)
  }

  /** By name; `held`: decisions that waited for the digest at the end of quiet hours. */
  get receivers(): readonly ReceiverCounts[] {
    const names = [...new Set([...this.#sent.keys(), ...this.#held.keys()])].sort()
    return names.map((receiver) => ({
      receiver,
      sent: Object.fromEntries(this.#sent.get(receiver) ?? []),
      held: this.#held.get(receiver) ?? 0,
    }))
  }
}

/** What one receiver would have got. */
export interface ReceiverCounts {
  readonly receiver: string
  readonly sent: Readonly<Partial<Record<NoticeKind, number>>>
  readonly held: number
}
