import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { silentLogger } from '../../../src/core/logger.ts'
import { loadWorker } from '../../../src/worker/load-worker.ts'
import { prepareWorker } from '../../../src/worker/prepare-worker.ts'
import { loadThreadParts } from '../../../src/worker/thread-loader.ts'

const file = join(import.meta.dirname, '../cli/modules/documents.ts')
const environment = {
  FILES_DIRECTORY: '/tmp/millrace-documents',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
  THREADS: '2',
}
const closing: (() => unknown)[] = []

afterAll(async () => {
  for (const close of closing) await close()
})

test('a worker thread gets the topology, sinks, options and tracer that the process has', async () => {
  const options = { environment, file, logger: () => silentLogger }
  const prepared = await prepareWorker(await loadWorker(file, '/'), options)
  const parts = await loadThreadParts(structuredClone(prepared.module?.data), silentLogger)
  closing.push(() => parts.close?.())
  expect(parts.topology.hash()).toBe(prepared.topology.hash())
  expect(parts.sinks.map(({ name }) => name)).toEqual(['files'])
  expect(parts.options).toEqual(prepared.engine)
  expect(parts.tracing?.tracer).toBeDefined()
})

test('a definition that is of no module has nothing to import', async () => {
  const options = { environment: {}, logger: () => silentLogger }
  expect((await prepareWorker(await loadWorker(file, '/'), options)).module).toBeUndefined()
})
