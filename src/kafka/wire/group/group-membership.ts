import type { LiveGroupMetadata } from './offsets.ts'

/** One membership, from a join to its end: the engine holds it while the member moves it from generation to generation. */
export class Membership implements LiveGroupMetadata {
  readonly groupId: string
  readonly instanceId: string | undefined
  memberId = ''
  generation = -1
  isJoining = false
  /** An assignment came; in later generations the one before it still holds. */
  isAssigned = false
  /** Set by members whose group does not check it. */
  owns: LiveGroupMetadata['owns']

  readonly #mayHaveRejoined: () => boolean

  /** `mayHaveRejoined`: whether another thread may have joined again in place of this one. */
  constructor(groupId: string, instanceId: string | undefined, mayHaveRejoined: () => boolean = () => false) {
    this.groupId = groupId
    this.instanceId = instanceId
    this.#mayHaveRejoined = mayHaveRejoined
  }

  get isRejoining(): boolean {
    return this.isJoining || this.#mayHaveRejoined()
  }
}
