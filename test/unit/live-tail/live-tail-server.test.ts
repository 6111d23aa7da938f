import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'

let scene: TailScene
beforeEach(() => {
  scene = new TailScene()
})
afterEach(() => scene.close())

describe('GET /logs/stream', () => {
  test('gives lines that come after it was opened, with their place in Kafka', async () => {
    scene.write({ message: 'before' })
    const client = await scene.client(await scene.serve())
    await client.told('heartbeat')
    scene.write({ message: 'now', level: 'info', timestamp: 1_700_000_000_000 }, 1)
    await client.received(1)
    expect(client.lines).toEqual([
      {
        topic: 'logs',
        partition: 1,
        offset: 0,
        timeMs: 1_700_000_000_000,
        log: { message: 'now', level: 'info', timestamp: 1_700_000_000_000 },
      },
    ])
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
  })

  test('asks each viewer for its own lines, and counts those that its filter did not ask for', async () => {
    const server = await scene.serve()
    const errors = await scene.client(server, 'levels=error')
    const shop = await scene.client(server, `when=${encodeURIComponent("service == 'shop' and status >= 500")}`)
    await Promise.all([errors.told('heartbeat'), shop.told('heartbeat')])
    scene.write({ message: 'a', level: 'ERROR', service: 'pay' })
    scene.write({ message: 'b', level: 'info', service: 'shop', status: 503 })
    scene.write({ message: 'c', level: 'info', service: 'shop', status: 200 })
    scene.write({ message: 'd', level: 'error', service: 'shop', status: 500 })
    await Promise.all([errors.received(2), shop.received(2)])
    expect([errors.messages, shop.messages]).toEqual([
      ['a', 'd'],
      ['b', 'd'],
    ])
    expect(errors.events.at(-1)?.data.notShown).toEqual({ rate: 0, filter: 2, buffer: 0 })
  })

  test('folds lines that repeat the one before, with their count', async () => {
    const client = await scene.client(await scene.serve())
    await client.told('heartbeat')
    for (const message of ['a', 'a', 'a', 'b', 'a']) scene.write({ message, level: 'info' })
    await client.received(3)
    expect(client.lines.map(({ log, count }) => [log.message, count])).toEqual([
      ['a', 3],
      ['b', undefined],
      ['a', undefined],
    ])
  })

  test('sends at most so many lines together, and numbers the batches', async () => {
    const client = await scene.client(await scene.serve())
    await client.told('heartbeat')
    scene.writeNumbers(0, 120)
    await client.received(120)
    const batches = client.events.filter(({ type }) => type === 'lines')
    expect(batches.every(({ data }) => (data.lines?.length ?? 0) <= 50)).toBe(true)
    expect(batches.map(({ data }) => data.sequence)).toEqual(batches.map((_, index) => index + 1))
  })

  test('gives no more lines a second than the limit, counts the others, and continues when the second is over', async () => {
    const clock = new ManualClock(1000)
    const client = await scene.client(await scene.serve({ linesPerSecondMax: 10, clock }))
    await client.told('heartbeat')
    const flushed = () => {
      clock.advance(5)
      return client.lines.length
    }
    scene.writeNumbers(0, 1000)
    await until(() => flushed() === 10)
    clock.advance(1000)
    scene.write({ message: 'later' })
    await until(() => flushed() === 11)
    expect(client.messages.at(-1)).toBe('later')
    expect(client.events.at(-1)?.data.notShown).toEqual({ rate: 990, filter: 0, buffer: 0 })
  })

  test('says that the connection lives', async () => {
    const client = await scene.client(await scene.serve({ heartbeatMs: 10 }))
    await until(() => client.events.filter(({ type }) => type === 'heartbeat').length >= 3)
    expect(client.place).toBe('0.0')
  })

  test('shows what is no JSON as the message of a log, on one line', async () => {
    const client = await scene.client(await scene.serve())
    await client.told('heartbeat')
    scene.logs.write(null, 'GET /cart\n500', { partition: 0 })
    scene.logs.write(null, '{\n  "message": "pretty"\n}', { partition: 0 })
    scene.logs.write(null, '[1, 2]', { partition: 0 })
    await client.received(3)
    expect(client.messages).toEqual(['GET /cart\n500', 'pretty', '[1, 2]'])
  })

  test('hides secrets before filters look', async () => {
    const server = await scene.serve()
    const all = await scene.client(server)
    const prying = await scene.client(server, 'text=hunter2hunter2')
    await Promise.all([all.told('heartbeat'), prying.told('heartbeat')])
    scene.write({ message: 'login', password: 'hunter2hunter2' })
    scene.write({ message: 'end hunter2hunter2' })
    await prying.received(1)
    await all.received(2)
    expect(JSON.stringify(all.lines[0]?.log)).not.toContain('hunter2')
    expect(prying.messages).toEqual(['end hunter2hunter2'])
  })

  test('compresses batches from 1 KiB where the client takes gzip', async () => {
    const client = await scene.client(await scene.serve(), '', { 'accept-encoding': 'br, gzip;q=0.8' })
    await client.told('heartbeat')
    scene.write({ message: 'short' })
    await client.received(1)
    const beforeBytes = client.byteLength
    scene.write({ message: 'x'.repeat(100_000) })
    await client.received(2)
    expect(client.messages).toEqual(['short', 'x'.repeat(100_000)])
    expect(client.byteLength - beforeBytes).toBeLessThan(10_000)
    expect(client.response.headers['content-encoding']).toBe('gzip')
  })

  test.each(['identity', 'gzip;q=0', ''])('does not compress for a client that accepts %j', async (accepted) => {
    const client = await scene.client(await scene.serve(), '', { 'accept-encoding': accepted })
    await client.told('heartbeat')
    expect(client.response.headers['content-encoding']).toBeUndefined()
  })

  test('ends a compressed stream as gzip ends', async () => {
    const server = await scene.serve()
    const client = await scene.client(server, '', { 'accept-encoding': 'gzip' })
    await client.told('heartbeat')
    await server.close()
    await until(() => client.hasEnded)
    expect(client.response.complete).toBe(true)
  })
})

describe('the live tail', () => {
  test('does not start where a topic is missing', async () => {
    await expect(scene.serve({ topics: ['logs', 'nothing'] })).rejects.toMatchObject({ code: 'LIVE_TAIL_TOPIC' })
  })

  test('names every option that is wrong', async () => {
    await expect(scene.serve({ batchWaitMs: 5000, viewersMax: 0 })).rejects.toThrow(
      /viewersMax is 0: give a whole number, at least 1; batchWaitMs is 5000: give at most 1000/,
    )
  })

  test('names host and port when the port is taken', async () => {
    const { port } = await scene.serve()
    await expect(scene.serve({ port })).rejects.toMatchObject({ code: 'LIVE_TAIL_PORT_IN_USE' })
  })

  test('commits nothing and joins no group', async () => {
    const client = await scene.client(await scene.serve())
    await client.told('heartbeat')
    scene.write({ message: 'a' })
    await client.received(1)
    expect(scene.memory.cluster.groups.size).toBe(0)
  })

  test('tells viewers that it cannot read any longer', async () => {
    const server = await scene.serve()
    const client = await scene.client(server)
    await client.told('heartbeat')
    await scene.kafka.close()
    await expect(server.ended).rejects.toMatchObject({ code: 'DRIVER_CLOSED' })
    expect((await client.told('failed')).data.code).toBe('DRIVER_CLOSED')
  })
})
