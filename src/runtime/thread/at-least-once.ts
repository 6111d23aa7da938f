import type { OffsetAndMetadata } from '../../kafka/port.ts'
import type { CommitMode } from './commit-mode.ts'
import type { GroupChannel } from './pause-watch.ts'
import type { OwnedTask } from './owned-task.ts'

/** Each task commits for itself: what cannot be committed is left out, and what was sent twice stays. */
export class AtLeastOnce implements CommitMode {
  readonly outputsFirst = true
  readonly ofUndelivered = 'task-migrated'
  readonly needsOffsets = false
  readonly #channel: GroupChannel

  constructor(channel: GroupChannel) {
    this.#channel = channel
  }

  async begin(): Promise<void> {}

  together(due: readonly OwnedTask[]): readonly OwnedTask[] {
    return due
  }

  admitted(ready: readonly OwnedTask[]): readonly OwnedTask[] {
    return ready
  }

  async commit(offsets: readonly OffsetAndMetadata[], timeoutMs: number): Promise<void> {
    if (offsets.length === 0) return
    await this.#channel.consumer.commit(offsets, this.#channel.member().metadata(), timeoutMs)
  }

  failure(error: unknown): unknown {
    return error
  }

  holdingUp(): readonly OwnedTask[] {
    return []
  }

  async undo(tasks: readonly OwnedTask[]): Promise<readonly OwnedTask[]> {
    return tasks
  }
}
