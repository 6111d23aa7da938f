import { describe, expect, test } from '@jest/globals'
import { notices, type GroupState, type NoticesDefinition, routesOf } from '../../../../src/alerts/index.ts'
import { json, keyValueStore, type StateStore, silentLogger, string } from '../../../../src/index.ts'
import { noHeaders } from '../../../../src/core/headers.ts'
import { MockProcessorContext } from '../../../../src/testing/index.ts'
import { type GroupDecision, GroupDecisions, type GroupInput } from '../../../../topologies/alerting/notify-groups.ts'
import { NoticeProcessor } from '../../../../topologies/alerting/notify-processor.ts'
import { alertChange } from '../../../support/notices.ts'

type Change = ReturnType<typeof alertChange>

const route = { receivers: ['chat'], wait: '0s', repeat: 'never', escalate: false } as const
const before: NoticesDefinition = { receivers: [{ name: 'chat' }], routes: [{ name: 'old', ...route }] }
const after: NoticesDefinition = { receivers: [{ name: 'chat' }], routes: [{ name: 'new', ...route }] }
const tables = new Map([
  ['silences', { all: () => [] }],
  ['sources', { get: () => undefined }],
])

/** One task with all groups, whose owners have one file after another. Alerts that move come back when a test says so. */
class Groups {
  readonly moved: Change[] = []
  readonly #context = new (class extends MockProcessorContext<string, GroupDecision> {
    override getStateStore<S extends StateStore>(name: string): S {
      return (tables.get(name) as unknown as S | undefined) ?? super.getStateStore<S>(name)
    }
  })({ stores: [keyValueStore({ name: 'states', key: string(), value: json<GroupState>() })] })
  #processor: NoticeProcessor<GroupInput, GroupState, GroupDecision>
  #plan

  constructor(definition: NoticesDefinition) {
    this.#plan = notices(definition)
    this.#processor = this.#open()
  }

  begin(definition: NoticesDefinition): readonly string[] {
    this.#plan = notices(definition)
    this.#processor = this.#open()
    return this.#said()
  }

  receive(change: Change): readonly string[] {
    for (const routed of routesOf(this.#plan.routes, change)) {
      this.#processor.process({ key: routed.groupKey, value: { routed }, timestamp: 0, headers: noHeaders })
    }
    return this.#said()
  }

  receiveMoved(): readonly string[] {
    return this.moved.splice(0).flatMap((change) => this.receive(change))
  }

  pass(seconds: number): readonly string[] {
    this.#context.systemTimeMs += seconds * 1000
    this.#context.punctuations.at(-1)?.punctuate(this.#context.systemTimeMs)
    return this.#said()
  }

  #open() {
    const decisions = new GroupDecisions({
      plan: this.#plan,
      acknowledges: [],
      stores: { silences: 'silences', sources: 'sources' },
      leftOut: () => {},
      logger: silentLogger,
    })
    const processor = new NoticeProcessor('states', decisions)
    processor.init(this.#context)
    return processor
  }

  /** `fire old/errors`. */
  #said(): readonly string[] {
    this.#context.punctuations.at(-1)?.punctuate(this.#context.systemTimeMs)
    this.#processor.beforeCommit()
    this.#processor.afterCommit()
    return this.#context.forwarded.splice(0).flatMap(({ record: { value } }) => {
      if ('moved' in value) this.moved.push(value.moved)
      return 'moved' in value ? [] : [`${value.notice.kind} ${value.notice.dedupKey.split('@')[0]}`]
    })
  }
}

const firing = alertChange('a', 'firing', { timeMs: 1 })
const resolved = alertChange('a', 'resolved', { timeMs: 2 })

describe('an alert that fires while the routes are changed', () => {
  test('is resolved where it was, and fires where it is', () => {
    const groups = new Groups(before)
    expect(groups.receive(firing)).toEqual(['fire old/errors'])
    expect(groups.begin(after)).toEqual(['resolve old/errors'])
    expect(groups.receiveMoved()).toEqual(['fire new/errors'])
    expect(groups.receive(resolved)).toEqual(['resolve new/errors'])
  })

  test('does not fire where it is when it was resolved meanwhile', () => {
    const groups = new Groups(before)
    groups.receive(firing)
    groups.begin(after)
    groups.receive(resolved)
    expect(groups.receiveMoved()).toEqual([])
  })

  test('is given back by each owner, since the routes of another may have been the old ones', () => {
    const groups = new Groups(before)
    groups.receive(firing)
    groups.begin(after)
    groups.moved.splice(0)
    groups.begin(after)
    expect(groups.receiveMoved()).toEqual(['fire new/errors'])
    groups.begin(after)
    expect(groups.receiveMoved()).toEqual([])
  })

  test('fires again where it was when the change is taken back', () => {
    const groups = new Groups(before)
    groups.receive(firing)
    groups.begin(after)
    groups.receiveMoved()
    expect(groups.begin(before)).toEqual(['resolve new/errors'])
    expect(groups.receiveMoved()).toEqual(['fire old/errors'])
  })

  test('moves too where the route groups otherwise', () => {
    const groups = new Groups(before)
    groups.receive(firing)
    const byService = { ...before, routes: [{ name: 'old', ...route, groupBy: ['rule', 'service'] }] }
    expect(groups.begin(byService)).toEqual(['resolve old/errors'])
    expect(groups.receiveMoved()).toEqual(['fire old/errors/a'])
  })

  test('stays where it is when its route leads there still', () => {
    const groups = new Groups(before)
    groups.receive(firing)
    expect(groups.begin({ ...before, routes: [{ name: 'old', ...route, interval: '1m' }] })).toEqual([])
    expect(groups.moved).toEqual([])
  })

  test('leaves nothing behind', () => {
    const groups = new Groups(before)
    groups.receive(firing)
    groups.begin(after)
    groups.receiveMoved()
    groups.receive(resolved)
    groups.pass(3601)
    groups.begin(after)
    expect(groups.moved).toEqual([])
  })
})
