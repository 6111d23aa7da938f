import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { runChaos } from '../../bench/chaos/chaos-run.ts'
import { builtProgram } from '../support/built.ts'
import { requireServer } from '../support/require-server.ts'

const faultsMs = 180_000
const limitMs = 900_000

requireServer('kafka').describe('two processes on three brokers while everything breaks for three minutes', () => {
  const said: string[] = []

  test(
    'lose nothing, double nothing, and have every result right',
    async () => {
      const { isRight, written, faults, verdicts } = await runChaos({
        built: join(dirname(builtProgram('src/cli/main')), '../..'),
        seconds: faultsMs / 1000,
        seed: 5,
        processes: 2,
        ratePerSecond: 240,
        guarantee: 'exactly-once',
        environment: {},
        keep: false,
        say: (line) => void said.push(line),
      })
      const story = () => [...said, JSON.stringify([...faults]), ...verdicts.map((each) => JSON.stringify(each))]
      if (!isRight) throw new Error(`the results are not right:\n${story().join('\n')}`)
      expect([...faults.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(5)
      expect(written).toBeGreaterThan(10_000)
    },
    limitMs,
  )
})
