import { MillraceError } from '../../src/core/errors.ts'
import type { MemoryCluster } from '../../src/kafka/memory/cluster.ts'
import type { Fault, FaultKind, Scene } from './history.ts'
import { partTopics } from './parts.ts'
import { applicationId, type SimulatedProcess } from './simulated-process.ts'

/** What faults happen to. */
export interface Stage {
  readonly scene: Scene
  readonly cluster: MemoryCluster
  readonly processes: readonly SimulatedProcess[]
  /** A fault has changed what happens; most tell it where they do. */
  readonly happened: (kind: FaultKind) => void
  readonly trace: (line: string) => void
}

type Act = (fault: Fault, process: SimulatedProcess, stage: Stage) => void

const begin: Readonly<Record<FaultKind, Act>> = {
  crash: ({ count }, { link }, { happened }) => link?.crashAfter(count, () => happened('crash')),
  leave: (_fault, process, { happened }) => process.leave(() => happened('leave')),
  stop: (_fault, { link }) => link?.stop(),
  cut: (_fault, { link }) => link?.cut(),
  slow: ({ count }, { link }) => link?.slowBy(5 + count * 5),
  lost: ({ count }, { link }) => link?.loseNext(count % 2 === 0),
  fence: (_fault, process, { cluster, happened }) => {
    for (const memberId of process.memberIds()) {
      cluster.group(applicationId).fence(memberId)
      happened('fence')
    }
  },
  expire: (_fault, { id }, { scene, cluster, happened }) => {
    for (let thread = 1; thread <= scene.threads; thread++)
      if (cluster.transactions.expire(`${applicationId}-${id}-${thread}`)) happened('expire')
  },
  refuse: (_fault, _process, { scene, cluster }) => {
    const error = new MillraceError<'COORDINATOR_LOADING'>('COORDINATOR_LOADING', 'retriable', 'later')
    if (scene.guarantee === 'exactly-once') cluster.faults.failNextTransactionCall('commit', error)
    else cluster.faults.failNextCommit(error)
  },
  flaky: ({ count }, _process, { cluster }) => {
    for (let left = count; left > 0; left--)
      cluster.faults.failNextSend(new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'not delivered'))
  },
  held: ({ count }, _process, { cluster }) => {
    cluster.faults.sendDelayMs = 10 + count * 20
  },
  markers: ({ count }, _process, { cluster }) => {
    cluster.faults.markerDelayMs = 10 + count * 10
  },
  stumble: ({ count }, { stumbles }) => {
    stumbles.left = count
  },
  damage: (_fault, process) => process.failNextWrite(false),
  full: (_fault, process) => process.failNextWrite(true),
  retention: (_fault, _process, stage) => retain(stage),
}

/** Of faults that last. */
const end: Partial<Record<FaultKind, Act>> = {
  crash: (_fault, process) => process.start(),
  leave: (_fault, process) => process.start(),
  stop: (_fault, { link }) => link?.heal(),
  cut: (_fault, { link }) => link?.heal(),
  slow: (_fault, { link }) => link?.slowBy(0),
  held: (_fault, _process, { cluster }) => {
    cluster.faults.sendDelayMs = 0
  },
  markers: (_fault, _process, { cluster }) => {
    cluster.faults.markerDelayMs = 0
  },
}

export function beginFault(fault: Fault, stage: Stage): void {
  const process = stage.processes[fault.process]
  if (process === undefined) return
  stage.trace(`${fault.kind} ${process.id}`)
  begin[fault.kind](fault, process, stage)
}

export function endFault(fault: Fault, stage: Stage): void {
  const process = stage.processes[fault.process]
  if (process !== undefined) end[fault.kind]?.(fault, process, stage)
}

/** The last records that are committed stay: a process that did not get the answer to its commit reads them again. */
const keptRecords = 20

/** Of input, records that the group has committed past; a table is read from its beginning, and stays. */
function retain({ scene, cluster, happened }: Stage): void {
  const { offsets } = cluster.group(applicationId)
  const topics = scene.parts.filter((part) => part !== 'tables').flatMap((part) => partTopics[part].inputs)
  for (const topic of topics)
    for (const log of cluster.topic(topic).logs) {
      const before = (offsets.offsetIn(topic, log.partition) ?? 0) - keptRecords
      if (before <= log.startOffset) continue
      log.deleteBefore(before)
      happened('retention')
    }
  for (const name of cluster.topics.keys()) if (name.endsWith('-changelog')) cluster.compact(name)
}
