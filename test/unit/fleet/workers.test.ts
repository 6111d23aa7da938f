import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { workerKinds } from '../../../fleet/kinds.ts'
import { readFleetSettings } from '../../../fleet/settings.ts'
import { runWorker } from '../../../fleet/worker.ts'

test.each(workerKinds)('the %s worker listens for signals before it loads anything else', (kind) => {
  const source = readFileSync(new URL(`../../../workers/${kind}.ts`, import.meta.url), 'utf8')
  const imports = [...source.matchAll(/^import .* from '(.+)'$/gm)].map(([, from]) => from)
  expect(imports).toEqual(['../src/worker/stop-signal.ts'])
  expect(source.indexOf('stopSignal()')).toBeLessThan(source.indexOf('await import('))
})

test('what listens for signals loads nothing', () => {
  const source = readFileSync(new URL('../../../src/worker/stop-signal.ts', import.meta.url), 'utf8')
  expect(source).not.toMatch(/^import /m)
})

test('a state directory that cannot be made is told before Kafka is waited for', async () => {
  const settings = readFleetSettings({
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    STATE_DIRECTORY: fileURLToPath(import.meta.url),
    OPS_PORT: '0',
    LOG_LEVEL: 'error',
  })
  const startedMs = performance.now()
  await expect(runWorker('audit', settings, new Promise(() => {}))).rejects.toMatchObject({
    code: 'STATE_DIRECTORY_UNUSABLE',
    message: expect.stringContaining('STATE_DIRECTORY'),
  })
  // Kafka would be given half a minute.
  expect(performance.now() - startedMs).toBeLessThan(15_000)
})
