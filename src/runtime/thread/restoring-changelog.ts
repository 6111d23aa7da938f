import type { Clock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { RestoreWrites } from '../../stores/restore-writes.ts'
import type { TaskChangelog } from '../task/task-draft.ts'
import type { OwnedTask } from './owned-task.ts'

/**
 * A changelog that is being read. It leaves the map, and the consumer, when it is at its end; a standby's never does.
 */
export interface RestoringChangelog extends TaskChangelog {
  readonly owner: OwnedTask
  /** Exclusive; infinity for a standby, which never ends. */
  readonly endOffset: number
  readonly startOffset: number
  /** Follows a topic that tasks process, up to what is committed of it. */
  readonly isLimited: boolean
  /** Paused at its limit. */
  isWaiting: boolean
  /** Of what was read; the store is at that of `writes`, or on its way there. */
  position: number
  readonly writes: RestoreWrites
}

type Changelogs = ReadonlyMap<string, RestoringChangelog>

/** How far a changelog is, in offsets, which may be more than there are records. */
export interface RestoreProgress {
  readonly taskId: string
  readonly store: string
  readonly restored: number
  readonly remaining: number
}

/** Where a restore would continue: behind what is written, or behind the markers that were read since. */
export function storedOffset({ writes, position }: RestoringChangelog): number {
  return writes.isIdle ? position : writes.offset
}

/** `remaining` of a standby is 0. */
export function progressOf(changelog: RestoringChangelog): RestoreProgress {
  const { owner, storeName, startOffset, endOffset } = changelog
  const offset = storedOffset(changelog)
  return {
    taskId: owner.idText,
    store: storeName,
    restored: offset - startOffset,
    remaining: Number.isFinite(endOffset) ? endOffset - offset : 0,
  }
}

export function isWriting(changelogs: Changelogs): boolean {
  for (const { writes } of changelogs.values()) if (!writes.isIdle) return true
  return false
}

/** Of records that were read and are not in a store yet. */
export function unwrittenBytes(changelogs: Changelogs): number {
  let bytes = 0
  for (const { writes } of changelogs.values()) bytes += writes.bytes
  return bytes
}

/** Until the first of the writes that are in flight has ended. */
export function firstWritten(changelogs: Changelogs, maxWaitMs: number, clock: Clock): Promise<void> {
  return new Promise<void>((resolve) => {
    const timer = clock.setTimer(maxWaitMs, resolve)
    for (const { writes } of changelogs.values()) {
      if (writes.isIdle) continue
      void writes.settled().then(() => {
        timer.cancel()
        resolve()
      })
    }
  })
}

/** TASK_CORRUPTED for the task of the store. */
export function corrupted(
  owner: OwnedTask,
  { topic, partition, storeName }: TaskChangelog,
  why: string,
): MillraceError {
  return new MillraceError(
    'TASK_CORRUPTED',
    'task-corrupted',
    `store ${storeName} of task ${owner.idText} ${why} (${topic}-${partition}): it is restored from the start`,
    { details: { taskId: owner.idText, topic, partition } },
  )
}
