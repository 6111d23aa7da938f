import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from '@jest/globals'
import type { ChangelogMode } from '../../../src/stores/task-stores.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { Draw, drawHistory, type Event, sameTexts } from './history.ts'
import { type RestartableOptions, restartedOutputs } from './restartable-task.ts'
import { type RestoredCase, restoredCases } from './restored-cases.ts'

/**
 * A task is lost after each record in turn, and another one restored from what it logged: it must go on as the rules say
 * for a task that lost nothing but what Java loses too. Where that is nothing, it goes on as if never restarted.
 */

const memoryHistories = Number(process.env['PROPERTY_RESTORED'] ?? 12)
const lmdbHistories = Math.ceil(memoryHistories / 20)

async function checkCuts(restored: RestoredCase, options: RestartableOptions, histories: number): Promise<void> {
  for (let seed = 1; seed <= histories; seed++) {
    const events = drawHistory(new Draw(seed), restored.shape)
    const uncut = await restartedOutputs(options, events, () => false)
    for (let cut = 1; cut < events.length; cut++) {
      const outputs = await restartedOutputs(options, events, (index) => index === cut)
      const model = restored.model?.()
      const expected = events.map((event, index) => {
        if (index === cut) {
          model?.restart?.()
          if (options.settings.keepStreamTime !== true) model?.forgetTime?.()
        }
        return model === undefined ? (uncut[index] ?? []) : model.take(event)
      })
      const step = expected.findIndex((texts, index) => !sameTexts(texts, outputs[index] ?? []))
      if (step >= 0) throw new Error(describeCut(seed, cut, events.slice(0, step + 1), outputs, expected))
    }
  }
}

function describeCut(
  seed: number,
  cut: number,
  events: readonly Event[],
  outputs: readonly (readonly string[])[],
  expected: readonly (readonly string[])[],
): string {
  const lines = events.map(({ topic, key, value, timestamp }, index) =>
    [
      `${index === cut ? '-- restart\n' : ''}${topic} ${key}=${value} @${timestamp}`,
      `  engine   ${outputs[index]?.join(' | ')}`,
      `  expected ${expected[index]?.join(' | ')}`,
    ].join('\n'),
  )
  return `seed ${seed}, restarted before record ${cut}:\n${lines.join('\n')}`
}

for (const changelogMode of ['each-put', 'coalesced'] as const satisfies readonly ChangelogMode[]) {
  describe(`restored from a changelog that is ${changelogMode}`, () => {
    const options = (topology: Topology) => ({ topology, settings: { changelogMode }, newFolder: undefined })

    for (const restored of restoredCases('memory')) {
      test(`${restored.name}, of the memory engine`, async () => {
        await checkCuts(restored, options(restored.topology()), memoryHistories)
      })
    }

    describe('in LMDB', () => {
      let root: string
      let folders = 0
      beforeAll(() => {
        root = mkdtempSync(join(tmpdir(), 'millrace-restored-'))
      })
      afterAll(() => rmSync(root, { recursive: true, force: true }))

      for (const restored of restoredCases('disk')) {
        test(restored.name, async () => {
          const newFolder = () => join(root, `${folders++}`)
          await checkCuts(restored, { ...options(restored.topology()), newFolder }, lmdbHistories)
        })
      }
    })
  })
}

describe('restored with its stream time kept, which leaves to forget where a join has looked for rows that wait', () => {
  const settings = { changelogMode: 'coalesced', keepStreamTime: true } as const
  for (const restored of restoredCases('memory').filter(({ model }) => model !== undefined)) {
    test(restored.name, async () => {
      await checkCuts(restored, { topology: restored.topology(), settings, newFolder: undefined }, memoryHistories)
    })
  }
})
