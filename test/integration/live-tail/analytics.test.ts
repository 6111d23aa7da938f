import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { LiveTailServer } from '../../../src/live-tail/index.ts'
import type { Numbers } from '../../../src/live-tail/analytics/numbers-shape.ts'
import type { Producer } from '../../../src/kafka/port.ts'
import { until } from '../../support/until.ts'
import { BrokerScene } from './broker-scene.ts'

const minuteMs = 60_000
const dayMs = 1440 * minuteMs
const services = ['payments', 'checkout', 'search']
const stepMs = 10 * minuteMs
/** When the step began that is not over yet. */
const nowMs = Math.floor(Date.now() / stepMs) * stepMs

let scene: BrokerScene
let ratesTopic: string
let producer: Producer

beforeAll(async () => {
  scene = await BrokerScene.open()
  ratesTopic = await scene.client.topic(3)
  producer = await scene.client.producer([ratesTopic])
}, 120_000)

afterAll(() => scene?.close())

/** One report of each service and minute, from so many minutes ago to before others. */
async function write(fromMinute: number, toMinute: number): Promise<void> {
  for (let minute = fromMinute; minute > toMinute; minute--) {
    for (const [index, key] of services.entries()) {
      const startMs = nowMs - minute * minuteMs
      const counts = {
        total: 10 * (index + 1),
        errors: index,
        durations: [
          [8, 9],
          [800, 1],
        ],
      }
      const report = { key, worker: 'application', startMs, endMs: startMs + minuteMs, ...counts }
      producer.send(ratesTopic, index, Buffer.from(key), Buffer.from(JSON.stringify(report)), startMs + minuteMs, [])
    }
  }
  await producer.flush(30_000)
}

async function numbers({ port }: LiveTailServer): Promise<Numbers> {
  const query = `from=${nowMs - 120 * minuteMs}&to=${nowMs}&step=${stepMs}`
  const response = await fetch(`http://127.0.0.1:${port}/analytics?${query}`)
  return (await response.json()) as Numbers
}

/** Resolves when the sum of all steps is this. */
async function reaches(server: LiveTailServer, sum: number): Promise<Numbers> {
  let answer = await numbers(server)
  await until(async () => {
    answer = await numbers(server)
    return answer.total.reduce<number>((all, total) => all + (total ?? 0), 0) === sum
  }, 60_000)
  return answer
}

test('numbers of a real broker reach back for the range, continue with what is new, and are the same of each process', async () => {
  await write(3 * 1440, 2 * 1440)
  await write(120, 60)
  const analytics = { ratesTopic, rangeMs: dayMs }
  const [one, other] = [await scene.serve({ analytics }), await scene.serve({ analytics })]
  const past = await reaches(one, 60 * 60)
  expect(past.total).toEqual([...new Array<number>(6).fill(600), ...new Array<null>(6).fill(null)])
  await write(60, 0)
  const all = await reaches(one, 120 * 60)
  expect(await reaches(other, 120 * 60)).toEqual({ ...all, knownFromMs: expect.any(Number) })
  expect(all.total).toEqual(new Array<number>(12).fill(600))
  expect(all.errors).toEqual(new Array<number>(12).fill(30))
  expect([all.durations.p50[0], all.durations.p95[0]]).toEqual([8, 800])
  expect(all.services.map(({ name }) => name)).toEqual(['search', 'checkout', 'payments'])
  // What is older than the range was not read.
  expect(one.status().analytics?.recordsRead).toBeLessThan(1440 * services.length)
}, 120_000)
