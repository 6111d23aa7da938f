import { expect, test } from '@jest/globals'
import { finishedFields, pipeline, type PipelineDefinition } from '../../../src/pipelines/index.ts'

function read(steps: PipelineDefinition['steps'], record: string) {
  const run = pipeline({ name: 'plain', format: 'none', ...(steps && { steps }) }).open()
  return run.read(record, 5, 'web')?.map(finishedFields)
}

const access = '203.0.113.9 - - [29/Nov/2026:08:00:00 +0000] "GET /a HTTP/1.1" 500 12'

test('a line of any format is the message, and steps read it', () => {
  expect(read([], access)).toEqual([{ message: access, timestamp: 5 }])
  expect(read([{ dissect: { mapping: '%{ip} %{}' } }], access)?.[0]).toMatchObject({ ip: '203.0.113.9' })
})

test('members of JSON keep their names until the last step', () => {
  const record = JSON.stringify({ '@timestamp': '2026-11-29T08:00:00Z', log: { level: 'WARN' }, message: access })
  const steps = [{ mutate: { set: { seen: '%{[log][level]}' } } }]
  expect(read(steps, record)?.[0]).toMatchObject({
    seen: 'WARN',
    timestamp: Date.parse('2026-11-29T08:00:00Z'),
    level: 'warn',
    message: access,
  })
})

test('a time that a step has read comes before that of the shipper', () => {
  const record = JSON.stringify({ '@timestamp': '2026-11-29T08:00:07Z', time: '2026-11-29T08:00:00Z', message: 'x' })
  const fields = read([{ date: { field: 'time' } }], record)?.[0]
  expect(fields?.timestamp).toBe(Date.parse('2026-11-29T08:00:00Z'))
})

test('a status code gives a level after the last step, not before the first', () => {
  const steps: PipelineDefinition['steps'] = [{ mutate: { tag: ['early'] }, when: 'exists(level)' }]
  expect(read(steps, '{"message":"x","statusCode":503}')?.[0]).toEqual({
    message: 'x',
    statusCode: 503,
    level: 'error',
    timestamp: 5,
  })
})

test('conditions see the tags of steps and of the log', () => {
  const steps: PipelineDefinition['steps'] = [
    { json: {}, tagOnFailure: '_no_json' },
    { mutate: { set: { unread: true } }, when: "tags contains '_no_json' and tags contains 'own'" },
  ]
  expect(read(steps, '{"message":"x","tags":["own"]}')?.[0]).toMatchObject({
    unread: true,
    tags: ['own', '_parse_failure', '_no_json'],
  })
})
