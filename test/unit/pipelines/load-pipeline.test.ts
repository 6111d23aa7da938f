import { describe, expect, test } from '@jest/globals'
import { pipeline } from '../../../src/pipelines/index.ts'
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
      'orders.yaml:11: steps.3.sample.oneIn: 0 is too small: give 1 or more',
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

  test('reports the mistakes of its redaction too', () => {
    const text = `name: orders
redaction:
  default: false
  rules:
    - name: Customer
      names: [customer number]
    - { name: customer, detector: cards }
    - { name: customer, action: mask }
    - { name: customer, names: ['größe'] }
    - { name: customer, fields: ['a..b'], action: remove }
  hashKey: k
steps:
  - drp: {}
`
    expect(mistakesOf(text)).toEqual([
      'orders.yaml:3: redaction.default: default is not an option: did you mean defaults?',
      expect.stringContaining(
        'orders.yaml:5: redaction.rules.0.name: "Customer" does not fit: write a word of small letters',
      ),
      'orders.yaml:7: redaction.rules.1.detector: "cards" is none of token, url-password, email, iban, card, ssn, phone, ip',
      'orders.yaml:8: redaction.rules.2: {"name":"customer","action":"mask"} does not fit: give names or detector or fields',
      expect.stringContaining(
        'orders.yaml:9: redaction.rules.3.names.0: "größe" does not fit: write the name of a field',
      ),
      expect.stringContaining('orders.yaml:10: redaction.rules.4.fields.0: "a..b" does not fit'),
      'orders.yaml:10: redaction.rules.4.action: "remove" is none of mask, hash, drop',
      'orders.yaml:11: redaction.hashKey: hashKey is not an option: write one of defaults, rules',
      expect.stringContaining('orders.yaml:13: steps.0.drp: drp is not an option: did you mean drop?'),
    ])
  })

  test('that is no YAML reports the line', () => {
    expect(mistakesOf('name: orders\nsteps: [\n')).toEqual([expect.stringMatching(/^orders\.yaml:[23]: /)])
  })

  test.each([
    ['zone: Europe/Berlim', "2: zone: there is no zone 'Europe/Berlim': write the name of a place"],
    ['steps: [{ date: { field: a, zone: Mars/Base } }]', "2: steps.0.date.zone: there is no zone 'Mars/Base'"],
    ['steps: [{ date: { field: a, zones: { web: Mars } } }]', "2: steps.0.date.zones.web: there is no zone 'Mars'"],
    ['steps: [{ syslog: { zone: Mars/Base } }]', "2: steps.0.syslog.zone: there is no zone 'Mars/Base'"],
    ['steps: [{ preset: { formats: [postgress] } }]', "there is no format 'postgress': did you mean postgres?"],
    ['steps: [{ throttle: { events: ten, within: 1s } }]', '"ten" does not fit: give a whole number'],
    ['steps: [{ throttle: { events: 1, within: 0s } }]', '2: steps.0.throttle.within: 0s is no time'],
    ["steps: [{ grok: { match: '%{IP:ip' } }]", '2: steps.0.grok.match: %{IP:ip is no reference to a pattern'],
    ['steps: [{ csv: { columns: [a, b, a] } }]', '2: steps.0.csv.columns.2: the column a is there twice'],
    ["steps: [{ csv: { separator: '\"' } }]", '2: steps.0.csv.separator: separator and quote are both "'],
    ['steps: [{ truncate: { field: a, length: 0 } }]', '0 is too small: give 1 or more'],
    ['steps: [{ translate: { field: a, into: b, table: {} } }]', '2: steps.0.translate.table: the table is empty'],
    ['steps: [{ mutate: { rename: { a: a } } }]', '2: steps.0.mutate.rename.a: a is the field itself'],
    ["steps: [{ mutate: { copy: { a: '[a]' } } }]", '2: steps.0.mutate.copy.a: [a] is the field itself'],
    ['steps: [{ mutate: { merge: { a: a } } }]', '2: steps.0.mutate.merge.a: a is the field itself'],
    [
      'steps: [{ route: { Audit: exists(a) } }]',
      'steps.0.route.Audit: Audit is no name that is possible here: write a word',
    ],
    [
      "examples: [{ input: a, expect: {}, receivedAt: '2026-02-31T08:00:00Z' }]",
      '2: examples.0.receivedAt: 2026-02-31T08:00:00Z is no time: write a time in ISO 8601',
    ],
    ['steps: [{ throttle: { events: 1, within: 10 } }]', '10 does not fit: write a number and a unit, such as 30s'],
    ['steps: [{ drop: }]', 'an empty value does not fit: this step has no options, write {}'],
    ['examples: [{ input: a, expect: {}, receivedAt: today }]', '"today" does not fit: write a time in ISO 8601'],
    ['joinLines: "no"', '"no" does not fit: give true or false'],
    ['steps:\n\t- drop: {}', '3: the line is indented by a tab: use spaces'],
    ['name: twice', '2: the name is there twice: remove or rename one of the two'],
    ['steps: [{ drop: {}, when: *level }]', '2: there is no &level before *level: define it'],
    ['---\nname: b', '2: a second document begins: a file holds one'],
    ['steps:\n  - { grok: { match: %{INT:a} } }', '3: a text cannot begin with this character: put it between quotes'],
  ])('with %j reports what to write', (line, message) => {
    expect(mistakesOf(`name: orders\n${line}\n`)).toEqual([expect.stringContaining(message)])
  })

  test('reports the mistakes of a condition and of its step together', () => {
    expect(mistakesOf("name: a\nsteps:\n  - drp: {}\n    when: level = 'x'\n")).toEqual([
      expect.stringContaining('orders.yaml:3: steps.0.drp'),
      expect.stringContaining('orders.yaml:4: steps.0.when: ='),
    ])
  })

  test('reports every mistake in the options of one step, also where one of them has the wrong type', () => {
    const text = `name: orders
steps:
  - mutate:
      gsub:
        a: ['(', x]
        b: [')', x]
      set: { c: '%{a..b}' }
      remove: [a..b]
      split: 5
  - route: { a: level = 1, b: level ! 1 }
  - date: { field: at, patterns: [QQ, RR], zone: Mars/Base, zones: { web: Mars } }
  - cidr: { into: net, networks: { office: [10.0.0.0/99, ten], lab: [x] } }
  - grok: { match: ['%{NONE:a}', '%{NEITHER:b}'] }
  - preset: { formats: [none], zone: Mars/Base }
`
    expect(mistakesOf(text).map((mistake) => mistake.split(': ')[1])).toEqual([
      'steps.0.mutate.gsub.a',
      'steps.0.mutate.gsub.b',
      'steps.0.mutate.set.c',
      'steps.0.mutate.remove',
      'steps.0.mutate.split',
      'steps.1.route.a',
      'steps.1.route.b',
      'steps.2.date.patterns.0',
      'steps.2.date.patterns.1',
      'steps.2.date.zone',
      'steps.2.date.zones.web',
      'steps.3.cidr.networks.office.0',
      'steps.3.cidr.networks.office.1',
      'steps.3.cidr.networks.lab.0',
      'steps.4.grok.match.0',
      'steps.4.grok.match.1',
      'steps.5.preset.formats',
      'steps.5.preset.zone',
    ])
  })

  test.each(['', 'just text', '[]'])('that holds %j is refused', (text) => {
    expect(mistakesOf(text)).toEqual([expect.stringContaining('does not fit: give names with their values')])
  })
})

test('a pipeline from code reports all its mistakes at once', () => {
  const steps = [
    { drop: {}, when: 'level =~ 1' },
    { mutate: { gsub: { a: ['(', ''] as const, b: [')', ''] as const } } },
  ]
  expect(() => pipeline({ name: 'orders', zone: 'Mars', steps })).toThrow(
    expect.objectContaining({
      all: [
        expect.objectContaining({ path: ['zone'] }),
        expect.objectContaining({ path: ['steps', 0, 'when'] }),
        expect.objectContaining({ path: ['steps', 1, 'mutate', 'gsub', 'a'] }),
        expect.objectContaining({ path: ['steps', 1, 'mutate', 'gsub', 'b'] }),
      ],
      message: expect.stringMatching(/^zone: there is no zone.*\nsteps\.0\.when: =~ at column 7/),
    }),
  )
})

test('a source with the name of a member of every object has no zone of its own', () => {
  const { open } = loadPipeline('name: x\nsteps:\n  - date: { field: at, zones: { web-1: Europe/Berlin } }\n', 'x.yaml')
  const receivedMs = Date.UTC(2026, 10, 24, 8)
  const [event] = open().read('{"at":"2026-11-24 07:59:59","message":"m"}', receivedMs, 'constructor') ?? []
  expect(event?.fields.timestamp).toBe(Date.UTC(2026, 10, 24, 7, 59, 59))
})
