import { describe, expect, test } from '@jest/globals'
import { loadPipeline, PipelineFileError } from '../../../src/pipelines/load/load-pipeline.ts'

function mistakesOf(text: string): readonly string[] {
  try {
    loadPipeline(text, 'orders.yaml')
    return []
  } catch (error) {
    if (!(error instanceof PipelineFileError)) throw error
    return error.message.split('\n')
  }
}

describe('a pipeline file', () => {
  test('in YAML is a pipeline', () => {
    const { definition } = loadPipeline(
      "name: orders\nsteps:\n  - drop: {}\n    when: level == 'debug'\n",
      'orders.yaml',
    )
    expect(definition).toEqual({ name: 'orders', steps: [{ drop: {}, when: "level == 'debug'" }] })
  })

  test('in JSON is the same pipeline', () => {
    expect(loadPipeline('{"name":"orders","steps":[{"drop":{}}]}', 'orders.json').definition.name).toBe('orders')
  })

  test('reports all its mistakes at once, each with line and fix', () => {
    const text = `name: Orders
stepps: []
steps:
  - drop: {}
    when: level = 'debug'
  - mutate:
      set: { team: payments }
      rname: { a: b }
  - drop: {}
    sample: { oneIn: 10 }
  - sample: { oneIn: 0 }
  - throttle: { events: 5, within: 5 minutes }
  - mutate:
      gsub: { message: ['(', 'x'] }
  - date: { field: time, patterns: [dd/MMM/yyyy, QQ] }
  - translate: { field: a, into: b }
  - {}
`
    expect(mistakesOf(text)).toEqual([
      expect.stringContaining('orders.yaml:1: name: "Orders" does not fit'),
      'orders.yaml:2: stepps: stepps is not an option: did you mean steps?',
      expect.stringContaining('orders.yaml:5: steps.0.when: = at column 7'),
      'orders.yaml:8: steps.1.mutate.rname: rname is not an option: did you mean rename?',
      'orders.yaml:9: steps.2: a step names drop and sample: write one kind for each step',
      'orders.yaml:11: steps.3.sample.oneIn: must be >= 1, it is 0',
      expect.stringContaining(
        'orders.yaml:12: steps.4.throttle.within: "5 minutes" does not fit: write a number and a unit',
      ),
      expect.stringContaining('orders.yaml:14: steps.5.mutate.gsub.message: the expression ( cannot be read'),
      expect.stringContaining('orders.yaml:15: steps.6.date.patterns.1: '),
      expect.stringContaining(
        'orders.yaml:16: steps.7.translate: {"field":"a","into":"b"} does not fit: give table or file',
      ),
      expect.stringContaining('orders.yaml:17: steps.8: a step names no kind: write one kind for each step'),
    ])
  })

  test('that is no YAML reports the line', () => {
    expect(mistakesOf('name: orders\nsteps: [\n')).toEqual([expect.stringMatching(/^orders\.yaml:[23]: /)])
  })

  test.each(['', 'just text', '[]'])('that holds %j is refused', (text) => {
    expect(mistakesOf(text)).toEqual([expect.stringContaining('must be object')])
  })
})
