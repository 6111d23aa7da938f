import { createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { type CollectorOptions, startCollector } from '../../../src/collectors/index.ts'
import { openKafka } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'

async function startWith(options: Partial<CollectorOptions>): Promise<unknown> {
  const driver = openKafka(new MemoryKafka({ topics: { logs: 1 } }).connection)
  try {
    const collector = await startCollector(driver, { topic: 'logs', ...options })
    await collector.close()
    return undefined
  } catch (error) {
    return error
  } finally {
    await driver.close()
  }
}

test('all faults of options are reported together, and no password', async () => {
  const options = {
    http: { port: 70_000, bodyBytesMax: 0 },
    redis: { connection: { url: 'redis://:hunter2@host' }, list: { key: '' } },
    pendingBytes: 1,
  }
  const error = (await startWith(options)) as Error
  expect(error).toMatchObject({ code: 'ILLEGAL_ARGUMENT' })
  expect(error.message).not.toContain('hunter2')
  for (const name of [
    'http.port',
    'http.bodyBytesMax',
    'redis.connection.url',
    'redis.list.key',
    'pendingBytes is not',
  ])
    expect(error.message).toContain(name)
})

test('a collector needs an input, and a token beyond loopback', async () => {
  expect(await startWith({})).toMatchObject({ code: 'COLLECTOR_NO_INPUT' })
  expect(await startWith({ http: { port: 0, host: '0.0.0.0' } })).toMatchObject({ code: 'COLLECTOR_TOKEN_MISSING' })
  expect(await startWith({ http: { port: 0, host: '0.0.0.0', token: 'secret' } })).toBeUndefined()
})

test('certificates that cannot be used are refused', async () => {
  const tls = { cert: 'no certificate', key: 'no key' }
  expect(await startWith({ syslogTcp: { port: 0, tls } })).toMatchObject({
    code: 'ILLEGAL_ARGUMENT',
    message: expect.stringContaining('syslogTcp.tls'),
  })
})

test('a port that is taken is named', async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  for (const input of ['http', 'syslogTcp'] as const) {
    const error = await startWith({ [input]: { port } })
    expect(error).toMatchObject({ code: 'COLLECTOR_PORT_IN_USE', message: expect.stringContaining(String(port)) })
  }
  server.close()
})
