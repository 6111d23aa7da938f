import { afterEach, describe, expect, test } from '@jest/globals'
import { kindTopology } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { templateId } from '../../../src/detection/index.ts'
import { bytes, StreamsBuilder, string } from '../../../src/index.ts'
import { fieldPath, pipeline } from '../../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import type { EnrichedLog } from '../../../topologies/enriched-log.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'
import { templates } from '../../../topologies/templates.ts'
import { plainLogMaker } from '../../support/plain-logs.ts'
import { restartedOutputs } from '../properties/restartable-task.ts'

const timestamp = Date.UTC(2026, 10, 24, 8)
const drivers: TopologyTestDriver[] = []
const plainLog = plainLogMaker()
const logOf = (message: string) => plainLog({ timestamp, service: 'auth', message })

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

/** The documents of a worker, for logs of the service `auth`. */
function documentsOf(isEnabled: boolean, logs: readonly object[]): readonly Record<string, unknown>[] {
  const topology = kindTopology('application', {
    sinks: ['documents'],
    pipeline: pipeline({ name: 'application' }),
    policy: defaultInputPolicy,
    templates: isEnabled,
    avro: undefined,
    geo: undefined,
    pace: 'demonstration',
  })
  const driver = new TopologyTestDriver(topology.build())
  drivers.push(driver)
  const input = driver.createInputTopic(topics.application.name, { key: string(), value: bytes() })
  for (const log of logs) {
    const whole = { timestamp, level: 'info', service: 'auth', ...log }
    input.pipeInput('key', Buffer.from(JSON.stringify(whole)), timestamp)
  }
  return driver
    .sinkRecords('documents')
    .map(({ value }) => JSON.parse((value as EnrichedLog).toText()) as Record<string, unknown>)
}

describe('documents', () => {
  const logs = [{ message: 'user ann came from 10.0.0.1' }, { message: 'user bob came from 10.0.0.2' }, { message: '' }]

  test('name the template of their message, as it was when the log came', () => {
    const [first, second, empty] = documentsOf(true, logs)
    expect(first).toMatchObject({ templateText: 'user ann came from <*>', message: 'user ann came from 10.0.0.1' })
    expect(first?.templateId).toBe(templateId('user ann came from <*>'))
    expect(second?.templateText).toBe('user bob came from <*>')
    expect(empty).not.toHaveProperty('templateId')
  })

  test('of one form have one template when its places are known', () => {
    const messages = ['opened by ann at 5', 'opened by bob at 6', 'opened by eve at 7']
    const [, second, third] = documentsOf(
      true,
      messages.map((message) => ({ message: `session of the shop ${message}` })),
    )
    expect(second?.templateText).toBe('session of the shop opened by <*> at <*>')
    expect(third?.templateId).toBe(second?.templateId)
  })

  test('have what their producer wrote where templates are not looked for', () => {
    const [document] = documentsOf(false, [{ message: 'fine', templateId: 'own' }])
    expect(document).toMatchObject({ templateId: 'own' })
    expect(document).not.toHaveProperty('templateText')
  })
})

describe('a worker that takes over the task', () => {
  const topology = () => {
    const builder = new StreamsBuilder()
    const lines = builder.stream('in', { key: string(), value: string() })
    const logs = lines.mapValues(logOf, { name: 'read' })
    templates(logs)
      .mapValues((log) => log.toText(), { name: 'write' })
      .to('out', { key: string(), value: string() })
    return builder.build()
  }
  const names = ['ann', 'bob', 'eve']
  const messages = names.flatMap((name) => [`session opened by ${name}`, `job done for ${name} at 5`, `late ${name}`])
  const events = messages.map((value, index) => ({ topic: 'in', key: 'k', value, timestamp: index }))

  async function outputs(restartsAt: (index: number) => boolean): Promise<readonly string[]> {
    const options = { topology: topology(), settings: {}, newFolder: undefined }
    return (await restartedOutputs(options, events, restartsAt)).flat()
  }

  test('names the same templates, wherever it begins', async () => {
    const whole = await outputs(() => false)
    expect(whole).toHaveLength(events.length)
    expect(await outputs(() => true)).toEqual(whole)
    for (let cut = 1; cut < events.length; cut++) expect(await outputs((index) => index === cut)).toEqual(whole)
  })
})

test('rules see the template of a log', () => {
  const log = logOf('job 7 done')
  expect(log.seen(fieldPath('templateId'))).toBeUndefined()
  const other = logOf('job 7 done')
  other.hasTemplate({ id: 'abc', text: 'job <*> done' })
  expect([other.seen(fieldPath('templateId')), other.seen(fieldPath('templateText'))]).toEqual(['abc', 'job <*> done'])
})
