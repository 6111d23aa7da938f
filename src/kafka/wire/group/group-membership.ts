import { MillraceError } from '../../../core/errors.ts'
import type { MemberIdentity } from './member-requests.ts'
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

  /** The group has taken it into this generation. Throws ILLEGAL_GENERATION (task-migrated) as `missedGeneration`. */
  joined(generation: number): void {
    if (missedGeneration(this, generation)) {
      const what = `group ${this.groupId} had a generation without the static member ${this.instanceId}: its tasks may be with others`
      throw new MillraceError('ILLEGAL_GENERATION', 'task-migrated', what, { details: { groupId: this.groupId } })
    }
    this.generation = generation
  }
}

/**
 * A group keeps a static member that does not join in time (KIP-345), with the tasks that it named when it joined last:
 * who leads the generation that it is not part of may give away all that it was assigned since.
 */
export function missedGeneration(
  { generation, instanceId }: Pick<MemberIdentity, 'generation'> & { readonly instanceId: string | undefined },
  joined: number,
): boolean {
  return instanceId !== undefined && generation >= 0 && joined > generation + 1
}
