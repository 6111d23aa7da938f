import { Digests, type DigestState, type GroupOutput, type Notice, type NoticePlan } from '../../src/alerts/index.ts'
import type { NoticeDecisions } from './notify-processor.ts'

/** Gathers what a receiver was spared in its quiet hours or in a storm, for one digest at their end. The key is the receiver. */
export class DigestDecisions implements NoticeDecisions<GroupOutput, DigestState, Notice> {
  readonly #digests: Digests

  constructor(plan: NoticePlan) {
    this.#digests = new Digests(plan)
  }

  open(): void {}

  begin(): readonly Notice[] {
    return []
  }

  create(receiver: string): DigestState {
    return this.#digests.create(receiver)
  }

  take(state: DigestState, output: GroupOutput, nowMs: number): void {
    this.#digests.receive(state, output, nowMs)
  }

  isDue(state: DigestState, nowMs: number): boolean {
    const wakeMs = this.#digests.wakeMs(state)
    return wakeMs !== null && nowMs >= wakeMs
  }

  advance(state: DigestState, nowMs: number): void {
    this.#digests.advance(state, nowMs)
  }

  wakeMs(state: DigestState): number | null {
    return this.#digests.wakeMs(state)
  }

  hasOutputs({ outbox }: DigestState): boolean {
    return outbox.length > 0
  }

  release(state: DigestState): readonly Notice[] {
    return this.#digests.release(state)
  }

  /** What was taken in last must not count twice: one state per receiver is kept. */
  isOver(): boolean {
    return false
  }
}
