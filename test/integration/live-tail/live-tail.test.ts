import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { until } from '../../support/until.ts'
import { StreamClient } from '../../unit/live-tail/stream-client.ts'
import { BrokerScene } from './broker-scene.ts'

let scene: BrokerScene

beforeAll(async () => {
  scene = await BrokerScene.open()
}, 120_000)

afterAll(() => scene?.close())

async function serve(): Promise<number> {
  return (await scene.serve({ ringBytesMax: 2000 })).port
}

async function write(from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    const log = Buffer.from(JSON.stringify({ level: number % 2 === 0 ? 'info' : 'error', message: `line ${number}` }))
    scene.producer.send(scene.topic, number % 3, null, log, 1_000_000 + number, [])
  }
  await scene.producer.flush(30_000)
}

const numbers = (messages: readonly unknown[]) =>
  messages.map((message) => Number(String(message).split(' ')[1])).toSorted((left, right) => left - right)

test('a viewer of a real broker gets every line once, from the past to the present, across processes', async () => {
  await write(0, 300)
  const [one, other] = [await serve(), await serve()]
  const first = await StreamClient.open(one, 'levels=error&from=1000100')
  await write(300, 400)
  await first.received(50)
  first.close()
  const [had, place] = [first.messages, first.place]
  await write(400, 600)
  const second = await StreamClient.open(other, 'levels=error', { 'last-event-id': place })
  await write(600, 700)
  await until(() => had.length + second.lines.length >= 300)
  second.close()
  const wanted = Array.from({ length: 300 }, (_, index) => 101 + 2 * index)
  expect(numbers([...had, ...second.messages])).toEqual(wanted)
}, 120_000)
