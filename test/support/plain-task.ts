import { ManualClock } from '../../src/core/clock.ts'
import { silentLogger } from '../../src/core/logger.ts'
import type { Producer } from '../../src/kafka/port.ts'
import { compileSettings } from '../../src/runtime/settings.ts'
import { draftTask, type TaskDraft, type TaskDraftOptions } from '../../src/runtime/task/task-draft.ts'
import { CacheBudget } from '../../src/stores/cache-budget.ts'
import type { Topology } from '../../src/topology/topology.ts'

/** All of a topology as one task on partition 0: no caches, no directory, no global stores, input caught up. */
export function draftPlainTask(
  topology: Topology,
  producer: Producer,
  options: Partial<TaskDraftOptions> = {},
): TaskDraft {
  return draftTask({
    id: { subtopology: 0, partition: 0 },
    topology,
    nodes: [...topology.nodes.keys()],
    storeNames: [...topology.stores.keys()],
    inputs: [{ topic: 'in', partition: 0 }],
    settings: compileSettings({ applicationId: 'app' }, 'r'),
    cacheBudget: new CacheBudget(0),
    directory: undefined,
    takeDirectory: () => undefined,
    heldRecords: undefined,
    producer,
    globalStores: { find: () => undefined },
    lag: () => 0,
    clock: new ManualClock(),
    logger: silentLogger,
    ...options,
  })
}
