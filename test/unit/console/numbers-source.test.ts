import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { NumbersSource, type NumbersState } from '../../../console/react/analytics/numbers-source.ts'
import type { LiveTailServer } from '../../../src/live-tail/index.ts'
import { PlainProxy } from '../../support/plain-proxy.ts'
import { until } from '../../support/until.ts'
import { TailScene } from '../live-tail/scene.ts'

let scene: TailScene
const opened: NumbersSource[] = []
beforeEach(() => {
  scene = new TailScene()
})
afterEach(async () => {
  for (const source of opened.splice(0)) source.close()
  await scene.close()
})

const serve = (token?: string) => scene.serve({ analytics: { ratesTopic: 'rates' }, token })

/** A source of a server, and what it has said and asked. */
function open(
  { port }: Pick<LiveTailServer, 'port'>,
  { query = '', token = '', isVisible = true, refreshMs = 20 } = {},
) {
  const states: NumbersState[] = []
  let asked = 0
  const source = new NumbersSource(
    {
      url: `http://127.0.0.1:${port}/analytics?${query}`,
      token,
      refreshMs,
      changed: (state) => states.push(state),
      fetch: (...request) => {
        asked++
        return fetch(...request)
      },
    },
    isVisible,
  )
  opened.push(source)
  return { source, states, asked: () => asked }
}

function writeReport(service: string): void {
  const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 120_000
  const report = { key: service, startMs, endMs: startMs + 60_000, total: 1, errors: 0 }
  scene.rates.write(service, JSON.stringify(report), { partition: 0, timestamp: Date.now() })
}

test('a source asks again and again, and has the numbers of now', async () => {
  const { states } = open(await serve())
  await until(() => states.at(-1)?.numbers?.services.length === 0)
  writeReport('shop')
  await until(() => states.at(-1)?.numbers?.services[0]?.name === 'shop')
  expect(states.every(({ fault }) => fault === undefined)).toBe(true)
})

test('a source asks for nothing while nobody can see it, and at once when somebody can', async () => {
  const server = await serve()
  const { source, states, asked } = open(server, { isVisible: false })
  // Another one gets many answers meanwhile.
  const other = open(server)
  await until(() => other.asked() > 5)
  expect(asked()).toBe(0)
  source.setVisible(true)
  await until(() => states.length > 0)
  source.setVisible(false)
  const before = asked()
  await until(() => other.asked() > before + 10)
  expect(asked()).toBeLessThanOrEqual(before + 1)
})

test('a source keeps its numbers while the server is unreachable, says why, and finds it again', async () => {
  const proxy = await PlainProxy.start((await serve()).port)
  const { states } = open(proxy)
  await until(() => states.at(-1)?.numbers !== undefined)
  proxy.setDown(true)
  await until(() => states.at(-1)?.fault !== undefined)
  expect(states.at(-1)).toMatchObject({ numbers: { services: [] }, refused: undefined })
  proxy.setDown(false)
  await until(() => states.at(-1)?.fault === undefined)
  await proxy.stop()
})

test('a source ends where the server refuses it for good', async () => {
  const { states, asked } = open(await serve('secret'), { token: 'wrong' })
  await until(() => states.at(-1)?.refused !== undefined)
  expect(states.at(-1)?.refused).toMatchObject({ status: 401 })
  const wrong = open(await serve(), { query: 'form=1' })
  await until(() => wrong.states.at(-1)?.refused !== undefined)
  expect(wrong.states.at(-1)?.fault).toContain('did you mean from?')
  expect([asked(), wrong.asked()]).toEqual([1, 1])
})
