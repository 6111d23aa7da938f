import { afterEach, expect, jest, test } from '@jest/globals'
import { startStreams } from '../../../src/app.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { standardErrorLogger } from '../../../src/core/logger.ts'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { MemoryCluster } from '../../../src/kafka/memory/cluster.ts'
import { string } from '../../../src/serde/primitives.ts'

function written(): string[] {
  const lines: string[] = []
  jest.spyOn(process.stderr, 'write').mockImplementation((line) => {
    lines.push(String(line))
    return true
  })
  return lines
}

afterEach(() => {
  jest.restoreAllMocks()
})

test('warnings and errors are lines on standard error, with the fields of their parents', () => {
  const lines = written()
  const logger = standardErrorLogger.child({ thread: 't-1' })
  logger.debug({}, 'quiet')
  logger.info({}, 'quiet')
  logger.warn({ offset: 5n }, 'recovering')
  logger.error({ error: new Error('why') }, 'thread failed')
  expect(lines).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\dT.* WARN millrace: recovering {"thread":"t-1","offset":"5"}\n$/),
    expect.stringMatching(/ERROR millrace: thread failed {"thread":"t-1","error":"why"}\n$/),
  ])
})

test('a line with fields that cannot be shown is still written', () => {
  const lines = written()
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  standardErrorLogger.warn(circle, 'recovering')
  expect(lines).toEqual([expect.stringContaining('recovering (fields that cannot be shown)')])
})

test('an application without a logger says why it failed', async () => {
  const lines = written()
  const cluster = new MemoryCluster({ clock: systemClock })
  for (const name of ['in', 'out']) cluster.createTopic({ name, partitions: 1, replicationFactor: 1, configs: {} })
  const builder = new StreamsBuilder()
  builder
    .stream('in', { key: string(), value: string() })
    .mapValues((): string => {
      throw new Error('the mapper is broken')
    })
    .to('out', { value: string() })
  const kafka = { driver: 'memory', cluster } as const
  const streams = await startStreams({ applicationId: 'app', kafka, commitIntervalMs: 20 }, builder.build())
  cluster.append('in', 0, null, Buffer.from('v'), 0, [])
  await expect(streams.application.ended).rejects.toMatchObject({ code: 'RECORD_FAILED' })
  await streams.close()
  expect(lines.some((line) => line.includes('ERROR') && line.includes('the mapper is broken'))).toBe(true)
})
