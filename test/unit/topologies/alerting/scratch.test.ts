import { test } from '@jest/globals'
import { alertsTopology } from '../../../../fleet/alerts-worker.ts'
import { notices } from '../../../../src/alerts/index.ts'
import { diffTopologies } from '../../../../src/index.ts'
import { silentLogger } from '../../../../src/core/logger.ts'
import { StreamsBuilder } from '../../../../src/index.ts'
test('diff', () => {
  const of = (names: string[], inhibit = false) => {
    const plan = notices({ receivers: names.map((name) => ({ name })), routes: [{ name: 'all', receivers: names }] })
    const d = alertsTopology({ rules: [], plan, notifiers: names.map((name) => ({ name, acknowledges: false })), logger: silentLogger, sinks: [] }) as any
    const b = new StreamsBuilder(); d.build?.(b) ?? d.define?.(b); return b.build()
  }
  for (const [a, b] of [[['hook'], ['hook', 'other']], [['a', 'b'], ['b']], [['a'], ['b']]] as const) {
    console.log(JSON.stringify(a), JSON.stringify(b), JSON.stringify(diffTopologies(of([...a]), of([...b])), null, 1).slice(0, 3000))
  }
})
