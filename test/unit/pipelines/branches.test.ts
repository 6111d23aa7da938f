import { describe, expect, test } from '@jest/globals'
import { finishedFields, loadPipeline, pipeline, type StepDefinition } from '../../../src/pipelines/index.ts'

/** What is left of an event, without its time; undefined: it was removed. */
function after(steps: readonly StepDefinition[], fields: object): unknown {
  const run = pipeline({ name: 'x', format: 'none', steps }).open()
  const [event] = run.read(JSON.stringify(fields), 0, 'web') ?? []
  if (event === undefined) return undefined
  const { timestamp: _, ...others } = finishedFields(event)
  return JSON.parse(JSON.stringify(others))
}

const set = (name: string): StepDefinition => ({ mutate: { set: { [name]: true } } })

describe('a branch', () => {
  const steps = [{ when: "kind == 'a'", steps: [set('met')], else: [set('other')] }]

  test('applies its steps where its condition is met, and those of its else elsewhere', () => {
    expect(after(steps, { kind: 'a' })).toEqual({ kind: 'a', met: true })
    expect(after(steps, { kind: 'b' })).toEqual({ kind: 'b', other: true })
  })

  test('without else leaves other events alone', () => {
    expect(after([{ when: "kind == 'a'", steps: [set('met')] }], { kind: 'b' })).toEqual({ kind: 'b' })
  })

  test('stays the same where a step changes a field of its condition', () => {
    const changing = [
      {
        when: "kind == 'a'",
        steps: [{ mutate: { set: { kind: 'b' } } }, set('met')],
        else: [{ mutate: { set: { kind: 'a' } } }, set('other')],
      },
    ]
    expect(after(changing, { kind: 'a' })).toEqual({ kind: 'b', met: true })
    expect(after(changing, { kind: 'b' })).toEqual({ kind: 'a', other: true })
  })

  test('removes an event where one of its steps does, and no later step sees it', () => {
    const seen: string[] = []
    const dropping = [
      { when: 'exists(kind)', steps: [{ when: 'exists(kind)', steps: [{ drop: {} }] }, set('met')] },
      set('last'),
    ]
    const run = pipeline({ name: 'x', steps: dropping }).open({ observer: { applied: (step) => seen.push(step) } })
    expect(run.read('{"kind":"a"}', 0, 'web')).toEqual([])
    expect(seen).toEqual(['drop'])
  })

  test('may be inside of another one, and of an else', () => {
    const nested = [
      {
        when: 'exists(a)',
        steps: [{ when: 'exists(b)', steps: [set('both')] }],
        else: [{ when: 'exists(b)', steps: [set('onlyB')], else: [set('none')] }],
      },
    ]
    expect(after(nested, { a: 1, b: 1 })).toMatchObject({ both: true })
    expect(after(nested, { a: 1 })).toEqual({ a: 1 })
    expect(after(nested, { b: 1 })).toMatchObject({ onlyB: true })
    expect(after(nested, { c: 1 })).toMatchObject({ none: true })
  })

  test('has the counts of its steps for each task', () => {
    const counting = pipeline({
      name: 'x',
      steps: [{ when: 'exists(message)', steps: [{ throttle: { events: 1, within: '10s' } }] }],
    })
    const tasks = [counting.open(), counting.open()]
    const keptOf = () => tasks.map((task) => task.read('{"message":"m"}', 0, 'web')?.length)
    expect([keptOf(), keptOf()]).toEqual([
      [1, 1],
      [0, 0],
    ])
  })
})

describe('a file with branches', () => {
  function mistakesOf(text: string): readonly string[] {
    try {
      loadPipeline(text, 'orders.yaml')
    } catch (error) {
      return (error as Error).message.split('\n')
    }
    return []
  }

  test('is loaded', () => {
    const text = `name: orders
steps:
  - when: level == 'error'
    name: errors
    steps:
      - mutate: { tag: urgent }
      - when: exists(user)
        steps: [{ mutate: { tag: of-user } }]
    else:
      - drop: {}
`
    const seen: unknown[] = []
    const branched = (...told: readonly [string, boolean, unknown]) => seen.push(told.slice(0, 2))
    const run = loadPipeline(text, 'orders.yaml').open({ observer: { branched } })
    expect(run.read('{"level":"error","message":"m"}', 0, 'web')?.[0]?.tags).toEqual(['urgent'])
    expect(seen).toEqual([
      ['errors', true],
      ['exists(user)', false],
    ])
  })

  test('reports the mistakes inside of them with their lines', () => {
    const text = `name: orders
steps:
  - when: level = 'error'
    steps:
      - drp: {}
      - when: exists(a)
        steps:
          - mutate: { gsub: { a: ['(', x] } }
          - date: { field: at, zone: Mars }
    else:
      - sample: { oneIn: many }
        when: b ! 1
`
    expect(mistakesOf(text)).toEqual([
      expect.stringContaining('orders.yaml:3: steps.0.when: = at column 7'),
      expect.stringContaining('orders.yaml:5: steps.0.steps.0.drp: drp is not an option: did you mean drop?'),
      expect.stringContaining('orders.yaml:8: steps.0.steps.1.steps.0.mutate.gsub.a: the expression ('),
      expect.stringContaining("orders.yaml:9: steps.0.steps.1.steps.1.date.zone: there is no zone 'Mars'"),
      expect.stringContaining('orders.yaml:11: steps.0.else.0.sample.oneIn: "many" does not fit: give a whole number'),
      expect.stringContaining('orders.yaml:12: steps.0.else.0.when: ! at column 3'),
    ])
  })

  test.each([
    ['steps: [{ drop: {} }]', 'a step that has steps needs when: write the condition, or move its steps out'],
    ['else: [{ drop: {} }]\n    when: exists(a)', 'a step has else without steps: write steps'],
    [
      'drop: {}\n    when: exists(a)\n    steps: [{ drop: {} }]',
      'a step has drop and steps of its own: write drop as one',
    ],
    ['when: exists(a)\n    tagOnFailure: x\n    steps: [{ drop: {} }]', 'a step that has steps cannot fail'],
    ['when: exists(a)\n    steps: []', '[] is empty: give a list, such as [a, b] that holds something'],
    ['when: exists(a)\n    steps: { drop: {} }', '{"drop":{}} does not fit: give a list, such as [a, b]'],
  ])('with %j reports what to write', (step, message) => {
    expect(mistakesOf(`name: orders\nsteps:\n  - ${step}\n`)).toEqual([expect.stringContaining(message)])
  })
})

test('a branch from code reports the mistakes of all its parts at once', () => {
  const steps = [
    {
      when: 'level =~ 1',
      steps: [{ drop: {}, when: 'b =~ 1' }],
      else: [{ mutate: { gsub: { a: ['(', ''] as const } } }],
    },
  ]
  expect(() => pipeline({ name: 'x', steps })).toThrow(
    expect.objectContaining({
      all: [
        expect.objectContaining({ path: ['steps', 0, 'when'] }),
        expect.objectContaining({ path: ['steps', 0, 'steps', 0, 'when'] }),
        expect.objectContaining({ path: ['steps', 0, 'else', 0, 'mutate', 'gsub', 'a'] }),
      ],
    }),
  )
})

test('an observer sees a step that failed with the tags of its failure, which a later step can take away', () => {
  const seen: unknown[] = []
  const steps = [
    { json: { field: 'message' }, tagOnFailure: 'no_json' },
    { mutate: { untag: ['_parse_failure', 'no_json'] } },
  ]
  const observer = { applied: (_step: string, { tags }: { tags: readonly string[] }) => seen.push([...tags]) }
  pipeline({ name: 'x', format: 'none', steps }).open({ observer }).read('[X|kaputt', 0, 'web')
  expect(seen).toEqual([['_parse_failure', 'no_json'], []])
})

describe('the tag of a line that no format fits', () => {
  const tagsAfter = (...steps: readonly StepDefinition[]) =>
    pipeline({ name: 'x', steps })
      .open()
      .read('[X|kaputt]', 0, 'web')
      ?.map((event) => [...event.tags])
      .flat()
  const fitting: StepDefinition = { dissect: { mapping: '[%{sev}|%{text}]' } }

  test('stays where no step reads the line', () => {
    expect(tagsAfter()).toEqual(['_parse_failure'])
    expect(tagsAfter({ dissect: { field: 'other', mapping: '%{a}' } })).toEqual(['_parse_failure'])
  })

  test('is taken away by a step that reads the message', () => {
    expect(tagsAfter(fitting)).toEqual([])
    expect(tagsAfter({ grok: { match: '%{WORD:word}' } })).toEqual([])
  })

  test('can be taken away by name', () => expect(tagsAfter({ mutate: { untag: ['_parse_failure'] } })).toEqual([]))

  test('stays where another step failed before, or fails later', () => {
    const failing: StepDefinition = { json: {} }
    expect(tagsAfter(failing, fitting)).toEqual(['_parse_failure'])
    expect(tagsAfter(fitting, failing)).toEqual(['_parse_failure'])
  })
})
