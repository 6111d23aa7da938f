import { CacheBudget } from '../../../src/stores/cache-budget.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from '@jest/globals'
import fc from 'fast-check'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { createTaskStores } from '../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'
import type { StoreEngine } from '../../../src/stores/store-spec.ts'
import type { ChangelogMode } from '../../../src/stores/task-stores.ts'
import { type StoreFactory, StoreRun, storeCases } from '../../../src/testing/store-suite.ts'

function factoryOf(engine: StoreEngine, mode: ChangelogMode, folder: string | undefined): StoreFactory {
  let opened = 0
  return {
    engine,
    durable: folder !== undefined,
    open(spec, changelog, recordContext, keep) {
      if (!keep) opened++
      return createTaskStores({
        taskId: '0_0',
        specs: [spec],
        directory:
          folder === undefined
            ? undefined
            : join(folder, `${mode}-${spec.kind}-${'timeOrdered' in spec && spec.timeOrdered}-${opened}`),
        openEngine: openLmdbEngine,
        changelog,
        changelogMode: mode,
        recordContext,
        clock: systemClock,
        logger: silentLogger,
        cacheBudget: new CacheBudget(0),
        onDropped: () => {},
      })
    },
  }
}

const commands = (size: number) => fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: size, size: 'max' })

for (const mode of ['each-put', 'coalesced'] as const) {
  describe(`stores with a changelog that is ${mode}`, () => {
    for (const engine of ['memory', 'disk'] as const) {
      for (const storeCase of storeCases(engine)) {
        test(`${storeCase.name}, semantics of ${engine}, in memory`, async () => {
          const factory = factoryOf(engine, mode, undefined)
          const property = fc.asyncProperty(commands(150), (numbers) => new StoreRun(factory, storeCase).run(numbers))
          await fc.assert(property, { numRuns: 60 })
        })
      }
    }

    describe('in LMDB', () => {
      let folder: string
      beforeAll(() => {
        folder = mkdtempSync(join(tmpdir(), 'millrace-suite-'))
      })
      afterAll(() => rmSync(folder, { recursive: true, force: true }))

      for (const storeCase of storeCases('disk')) {
        test(storeCase.name, async () => {
          const factory = factoryOf('disk', mode, folder)
          const property = fc.asyncProperty(commands(100), (numbers) => new StoreRun(factory, storeCase).run(numbers))
          await fc.assert(property, { numRuns: 8 })
        })
      }
    })
  })
}
