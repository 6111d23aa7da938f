import { systemClock } from '../src/core/clock.ts'
import { noHeaders } from '../src/core/headers.ts'
import { silentLogger } from '../src/core/logger.ts'
import { createTaskStores } from '../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../src/stores/lmdb/lmdb-engine.ts'
import { CacheBudget } from '../src/stores/cache-budget.ts'
import type { StoreSpec } from '../src/stores/store-spec.ts'
import type { TaskStores } from '../src/stores/task-stores.ts'

/** Stores as a task has them, with changelogs that go nowhere. */
export function openTaskStores(
  specs: readonly StoreSpec[],
  directory: string | undefined,
  cacheBytesMax = 0,
): TaskStores {
  return createTaskStores({
    taskId: '0_0',
    specs,
    directory,
    openEngine: openLmdbEngine,
    changelog: { log() {} },
    changelogMode: 'coalesced',
    recordContext: { topic: 'in', partition: 0, offset: 0, timestamp: 0, headers: noHeaders },
    clock: systemClock,
    logger: silentLogger,
    cacheBudget: new CacheBudget(cacheBytesMax),
    onDropped() {},
  })
}
