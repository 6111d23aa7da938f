import { expect, test } from '@jest/globals'
import { startCollector } from '../../src/collectors/index.ts'
import { openKafka } from '../../src/index.ts'
import { MemoryKafka } from '../../src/testing/index.ts'

test('the collector of docs/collectors.md takes lines', async () => {
  const kafka = new MemoryKafka({ topics: { logs: 1 } })
  // #region start
  const driver = openKafka(kafka.connection)
  const collector = await startCollector(driver, {
    topic: 'logs',
    http: { port: 0, token: process.env.COLLECTOR_TOKEN },
    syslogTcp: { port: 0 },
  })
  const response = await fetch(`http://127.0.0.1:${collector.ports.http}/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: '{"message":"hello"}\n{"message":"again"}\n',
  })
  // response.json() resolves with { ok: true, accepted: 2, refused: 0 }
  // #endregion
  expect(await response.json()).toEqual({ ok: true, accepted: 2, refused: 0 })
  await collector.close()
  await driver.close()
})
