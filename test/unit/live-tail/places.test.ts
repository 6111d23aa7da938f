import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { setImmediate as turn } from 'node:timers/promises'
import { ManualClock } from '../../../src/core/clock.ts'
import { until } from '../../support/until.ts'
import { numbered, TailScene } from './scene.ts'

let scene: TailScene
beforeEach(() => {
  scene = new TailScene()
})
afterEach(() => scene.close())

const sorted = (messages: readonly unknown[]) => messages.map(String).toSorted(byNumber)
const byNumber = (left: string, right: string) => Number(left.split(' ')[1]) - Number(right.split(' ')[1])

describe('a viewer that comes back', () => {
  test('gets every line once, from the lines that are kept', async () => {
    const server = await scene.serve()
    const first = await scene.client(server)
    await first.told('heartbeat')
    scene.writeNumbers(0, 70)
    await first.received(1)
    first.close()
    const [had, place] = [first.messages, first.place]
    scene.writeNumbers(70, 140)
    const second = await scene.client(server, '', { 'last-event-id': place })
    await until(() => had.length + second.lines.length >= 140)
    expect(sorted([...had, ...second.messages])).toEqual(numbered(0, 140))
  })

  test('gets every line once from Kafka where the lines are gone, and then what is new', async () => {
    const server = await scene.serve({ ringBytesMax: 500 })
    const first = await scene.client(server)
    await first.told('heartbeat')
    scene.writeNumbers(0, 30)
    await first.received(1)
    first.close()
    const [had, place] = [first.messages, first.place]
    scene.writeNumbers(30, 400)
    await until(() => server.status().linesRead >= 400)
    const second = await scene.client(server, '', { 'last-event-id': place })
    scene.writeNumbers(400, 450)
    await until(() => had.length + second.lines.length >= 450)
    expect(sorted([...had, ...second.messages])).toEqual(numbered(0, 450))
  })

  test('may come to another process, also one that has not read as far', async () => {
    const [one, other] = [await scene.serve(), await scene.serve()]
    const first = await scene.client(one)
    await first.told('heartbeat')
    scene.writeNumbers(0, 20)
    await first.received(20)
    const second = await scene.client(other, '', { 'last-event-id': first.place })
    await second.told('heartbeat')
    scene.writeNumbers(20, 40)
    await second.received(20)
    expect(sorted(second.messages)).toEqual(numbered(20, 40))
  })

  test('hears that its place is none, and gets what is new', async () => {
    const client = await scene.client(await scene.serve(), '', { 'last-event-id': 'zz.zz' })
    expect((await client.told('gap')).data.reason).toBe('the place is not one of these topics: new lines follow')
    await client.told('heartbeat')
    scene.write({ message: 'new' })
    await client.received(1)
    expect(client.messages).toEqual(['new'])
  })

  test('hears how many records were deleted meanwhile', async () => {
    const server = await scene.serve({ ringBytesMax: 1 })
    scene.writeNumbers(0, 10)
    await until(() => server.status().linesRead === 10)
    await scene.kafka.admin().deleteRecords([{ topic: 'logs', partition: 0, offset: 3 }])
    const client = await scene.client(server, 'lastEventId=0.0')
    await client.received(7)
    expect((await client.told('gap')).data).toMatchObject({ records: 3 })
  })
})

describe('a start in the past', () => {
  test('gives what Kafka holds from then on, and then what is new, each line once', async () => {
    for (let number = 0; number < 100; number++) scene.write({ message: `line ${number}` }, number % 2, 1000 + number)
    const server = await scene.serve()
    const client = await scene.client(server, 'from=1040')
    for (let number = 100; number < 150; number++) scene.write({ message: `line ${number}` }, number % 2, 2000 + number)
    await client.received(110)
    await turn()
    expect(sorted(client.messages)).toEqual(numbered(40, 150))
  })

  test('ends with the time window where that is over', async () => {
    for (let number = 0; number < 100; number++) scene.write({ message: `line ${number}` }, number % 2, 1000 + number)
    const client = await scene.client(await scene.serve(), 'from=1000&since=1010&until=1050')
    await client.told('end')
    await until(() => client.hasEnded)
    expect(sorted(client.messages)).toEqual(numbered(10, 50))
  })

  test('holds lines back for a client that does not read, and loses none', async () => {
    for (let number = 0; number < 5000; number++)
      scene.write({ message: `line ${number} ${'x'.repeat(500)}` }, number % 2, 1000 + number)
    const client = await scene.client(await scene.serve({ queueLinesMax: 100 }), 'from=1000')
    client.response.pause()
    await turn()
    client.response.resume()
    await client.received(5000)
    expect(client.events.at(-1)?.data.notShown).toEqual({ rate: 0, filter: 0, buffer: 0 })
  })
})

describe('a stream of new lines', () => {
  test('ends at once where its time window is over', async () => {
    const server = await scene.serve()
    const client = await scene.client(server, 'until=1000')
    await client.told('end')
    await until(() => client.hasEnded && server.status().viewers === 0)
  })

  test('ends when its time window is over, and waits one beat for lines that are late', async () => {
    const clock = new ManualClock(1000)
    const server = await scene.serve({ clock, heartbeatMs: 1000 })
    const client = await scene.client(server, 'until=1500')
    await client.told('heartbeat')
    clock.advance(1000)
    scene.write({ message: 'late', timestamp: 1400 })
    await until(() => server.status().linesRead === 1)
    clock.advance(5)
    await client.received(1)
    clock.advance(1000)
    await client.told('end')
    await until(() => client.hasEnded)
    expect(client.messages).toEqual(['late'])
  })
})

describe('a slow viewer', () => {
  test('loses its own lines only, and hears how many', async () => {
    const server = await scene.serve({ queueLinesMax: 60, heartbeatMs: 3_600_000, linesPerSecondMax: 1_000_000 })
    const [slow, quick] = [await scene.client(server), await scene.client(server)]
    await Promise.all([slow.told('heartbeat'), quick.told('heartbeat')])
    slow.response.pause()
    const text = 'x'.repeat(50_000)
    let total = 0
    // How much the system takes before it waits for the client is its own affair.
    while (server.status().linesDropped.buffer === 0) {
      for (let number = 0; number < 20; number++) scene.write({ message: `line ${total++} ${text}` })
      await until(() => quick.lines.length === total)
    }
    slow.response.resume()
    scene.write({ message: 'last' })
    await until(() => slow.messages.at(-1) === 'last')
    const { buffer } = slow.events.at(-1)?.data.notShown ?? { buffer: 0 }
    expect(buffer).toBeGreaterThan(0)
    expect(slow.lines.length + buffer).toBe(total + 1)
    expect(quick.events.at(-1)?.data.notShown).toEqual({ rate: 0, filter: 0, buffer: 0 })
  })
})
