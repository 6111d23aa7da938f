import type { AssignorSubtopology } from './assignor-input.ts'
import { externalSources } from '../group-topics.ts'
import { type GroupTopology, type TaskId, taskIdText, type TopicPartition } from '../port.ts'

/** Where the changelogs of a task begin and end, as sums of their offsets. */
export interface ChangelogEnds {
  readonly first: number
  /** Of the next records. */
  readonly next: number
}

/** A changelog of a task. */
export interface TaskChangelogPartition extends TopicPartition {
  readonly task: TaskId
  /** It is an input as well: its state ends at what the group has committed. */
  readonly isInput: boolean
}

/** What members say of the state on their disks. */
export interface KnownState {
  /** Records that tasks lack which are open. */
  readonly lags: ReadonlyMap<string, number>
  /** How far the state of tasks is that are not open: sums of the offsets of their changelogs. */
  readonly positions: ReadonlyMap<string, number>
}

/** The changelogs of all tasks. */
export function changelogPartitions(
  topology: GroupTopology,
  subtopologies: readonly AssignorSubtopology[],
): readonly TaskChangelogPartition[] {
  return topology.subtopologies.flatMap((each) => {
    const tasks = subtopologies.find(({ id }) => id === each.id)?.partitions ?? 0
    const inputs = new Set(externalSources(each))
    return each.changelogTopics.flatMap(({ name: topic }) =>
      Array.from({ length: tasks }, (_, partition) => {
        return { topic, partition, task: { subtopology: each.id, partition }, isInput: inputs.has(topic) }
      }),
    )
  })
}

/** By task id text. Tasks of which one changelog has no ends are left out. */
export function sumEnds(
  changelogs: readonly TaskChangelogPartition[],
  endsOf: (changelog: TaskChangelogPartition) => ChangelogEnds | undefined,
): ReadonlyMap<string, ChangelogEnds> {
  const sums = new Map<string, ChangelogEnds | undefined>()
  for (const changelog of changelogs) {
    const text = taskIdText(changelog.task)
    const ends = endsOf(changelog)
    const sum = sums.has(text) ? sums.get(text) : { first: 0, next: 0 }
    sums.set(text, ends && sum && { first: sum.first + ends.first, next: sum.next + ends.next })
  }
  return new Map(
    [...sums].flatMap(([text, sum]): [string, ChangelogEnds][] => (sum === undefined ? [] : [[text, sum]])),
  )
}

/** How many records a process lacks that has nothing of a task. */
export function recordsOf(ends: ReadonlyMap<string, ChangelogEnds>): ReadonlyMap<string, number> {
  return new Map([...ends].map(([text, { first, next }]) => [text, Math.max(0, next - first)]))
}

/** Records that the state of a process lacks, by task. Where the ends are not known, it is better than none. */
export function lagsOf(
  { lags, positions }: KnownState,
  ends: ReadonlyMap<string, ChangelogEnds>,
): ReadonlyMap<string, number> {
  const onDisk = [...positions].map(([text, position]): [string, number] => {
    const next = ends.get(text)?.next
    return [text, next === undefined ? Number.MAX_SAFE_INTEGER : Math.max(0, next - position)]
  })
  return new Map([...onDisk, ...lags])
}
