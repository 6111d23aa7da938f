import type { LiveGroupMetadata } from './offsets.ts'

/** One membership, from a join to its end: the engine holds it while the member moves it from generation to generation. */
export class Membership implements LiveGroupMetadata {
  readonly groupId: string
  readonly instanceId: string | undefined
  memberId = ''
  generation = -1
  isRejoining = false
  /** An assignment came; in later generations the one before it still holds. */
  isAssigned = false
  /** It was fenced: another membership may follow, which this one must not commit for. */
  #isOver = false

  constructor(groupId: string, instanceId: string | undefined) {
    this.groupId = groupId
    this.instanceId = instanceId
  }

  end(): void {
    this.#isOver = true
    this.isRejoining = false
  }

  get isOver(): boolean {
    return this.#isOver
  }
}
