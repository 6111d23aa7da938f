import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { silentLogger } from '../../../src/core/logger.ts'
import { defineTopology, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { runWorker } from '../../../src/worker/index.ts'

const texts = { key: string(), value: string() }
const copies = defineTopology('copies', (builder) => {
  builder.stream('originals', texts).to('copies', { ...texts, name: 'copy' })
})

test('a worker sends the spans of its records to the collector of its settings', async () => {
  const received: { readonly headers: unknown; readonly body: string }[] = []
  const collector = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      received.push({ headers: [request.headers['authorization'], request.headers['x-tenant']], body })
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'millrace-traced-'))
  const kafka = new MemoryKafka({ topics: { originals: 1, copies: 1 } })
  kafka.topic('originals', texts).write('a', 'b')
  let stop: (reason: string) => void = () => {}
  const code = runWorker(copies, {
    stop: new Promise((resolve) => {
      stop = resolve
    }),
    environment: {
      KAFKA_OFFSET_RESET: 'earliest',
      COMMIT_INTERVAL_MS: '20',
      STATE_DIRECTORY: folder,
      OPS_PORT: '0',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=Basic%20dA==, x-tenant=100%',
      OTEL_TRACES_SAMPLER_ARG: '1',
    },
    kafka: kafka.connection,
    logger: silentLogger,
  })
  await kafka.until(() => kafka.topic('copies', texts).read().length === 1)
  stop('SIGTERM')
  expect(await code).toBe(0)
  collector.close()
  rmSync(folder, { recursive: true })
  expect(received[0]?.headers).toEqual(['Basic dA==', '100%'])
  const text = received.map(({ body }) => body).join()
  for (const name of ['"process originals"', '"send copies"', '"stringValue":"copies"']) expect(text).toContain(name)
})
