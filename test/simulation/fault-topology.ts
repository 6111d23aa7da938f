import { MillraceError } from '../../src/core/errors.ts'
import { untilWindowCloses } from '../../src/dsl/suppress.ts'
import { StreamsBuilder } from '../../src/dsl/streams-builder.ts'
import { joinWindows, tumblingWindows } from '../../src/dsl/window-definitions.ts'
import type { ErrorContext } from '../../src/runtime/errors/error-context.ts'
import { type HandlerResponse, logAndContinue } from '../../src/runtime/errors/handlers.ts'
import { string } from '../../src/serde/primitives.ts'
import type { Serde } from '../../src/serde/serde.ts'
import type { Sink, SinkContext, SinkRecord } from '../../src/sinks/port.ts'
import type { KeyValueStore } from '../../src/stores/port.ts'
import { keyValueStore } from '../../src/dsl/store-definitions.ts'
import type { FaultPlan } from '../../src/testing/fault-plan.ts'
import type { Processor, ProcessorSupplier } from '../../src/topology/processor-api.ts'
import type { Topology } from '../../src/topology/topology.ts'

const texts = { key: string(), value: string() }

/** Stores that are looked at in the end. */
export const stores = ['sets', 'users', 'regions', 'held'] as const
/** Topics of which every value counts. */
export const bags = ['copy', 'joined', 'async', 'by-a', 'by-b', 'by-c', 'gathered', 'paired', 'refused'] as const
/** Topics of which the last value of each key counts. */
export const finals = ['out', 'regions-out', 'ticks', 'closed'] as const

export const windowMs = 10

/** What the line is refused for, by the function that gets it. */
export const isPoison = (line: string): boolean => line.endsWith('poison')

const withMember = (set: string, member: string) => [...new Set([...set.split(' '), member])].sort().join(' ').trim()
const withoutMember = (set: string, member: string) =>
  set
    .split(' ')
    .filter((each) => each !== member)
    .join(' ')
const wordOf = (line: string) => line.split(' ')[1] as string

/** Only what a line itself is refused for becomes a dead letter. */
export function onlyPoison(error: unknown, context: ErrorContext): HandlerResponse {
  if ((error as { code?: unknown }).code === 'POISON') return logAndContinue(error, context)
  return { action: 'fail', deadLetters: [] }
}

function refusePoison(line: string): string {
  if (isPoison(line)) throw new MillraceError<'POISON'>('POISON', 'record', 'poison')
  return line
}

/** Keeps what it gets until the clock says. */
function holder(plan: FaultPlan): ProcessorSupplier<string, string, string, string> {
  const create = (): Processor<string, string, string, string> => {
    let held: KeyValueStore<string, string> | undefined
    return {
      init(context) {
        plan.run('processor init', () => {})
        const store = context.getStateStore<KeyValueStore<string, string>>('held')
        held = store
        context.schedule(20, 'wall-clock-time', (timestamp) =>
          plan.run('punctuation', () => {
            for (const { key, value } of [...store.all()]) {
              context.forward({ key, value, timestamp })
              store.delete(key)
            }
          }),
        )
        context.schedule(windowMs, 'stream-time', () => plan.run('punctuation', () => {}))
      },
      process: ({ key, value }) => plan.run('processor process', () => held?.put(key, value)),
      beforeCommit: () => plan.run('processor beforeCommit', () => {}),
      afterCommit: () => plan.run('processor afterCommit', () => {}),
      close: () => plan.run('processor close', () => {}),
    }
  }
  return { create, stores: [keyValueStore({ name: 'held', key: string(), value: string() })] }
}

/** Everything that takes batches, and everything that waits: each kind of node that has state or a call of its own. */
export function everything(plan: FaultPlan): Topology {
  const builder = new StreamsBuilder()
  const loading: Serde<string> = {
    ...string(),
    resolve: () => plan.runLater('serde resolve', () => Promise.resolve()),
    prepare: () => plan.runLater('serde prepare', () => Promise.resolve()),
    serialize: (text, topic, headers) => plan.run('serde serialize', () => string().serialize(text, topic, headers)),
    deserialize: (bytes, topic, headers) =>
      plan.run('serde deserialize', () => string().deserialize(bytes, topic, headers)),
  }
  const lines = builder.stream('in', { key: string(), value: loading })
  const names = builder.globalTable('names', { ...texts, store: 'names' })
  lines.to('copy', { key: string(), value: loading })
  lines.mapValues(refusePoison).to(({ value: line }) => `by-${wordOf(line)}`, texts)
  lines.process(holder(plan)).to('ticks', texts)
  const words = lines.groupBy((_key, line) => wordOf(line), { name: 'words', ...texts })
  words
    .aggregate(
      () => '',
      (_word, line, set) => plan.run('aggregator', () => withMember(set, line.split(' ')[0] as string)),
      { store: 'sets', value: string() },
    )
    .toStream()
    .to('out', texts)
  words
    .windowedBy(tumblingWindows({ sizeMs: windowMs, graceMs: 1000 }))
    .aggregate(
      () => '',
      (_word, line, set) => withMember(set, line.split(' ')[0] as string),
      { store: 'windows', value: string() },
    )
    .suppress(untilWindowCloses())
    .toStream()
    .map(({ key, window }, set) => [`${key}@${window.startMs}`, set])
    .to('closed', texts)
  lines
    .join(
      names,
      (_key, line) => wordOf(line),
      (line, name) => `${line}/${name}`,
    )
    .to('joined', texts)
  lines
    .join(
      lines.filter((_key, line) => !isPoison(line)),
      (line, same) => `${line}&${same}`,
      { windows: joinWindows({ differenceMs: 0, graceMs: 1000 }), otherValue: string(), name: 'pairs' },
    )
    .to('paired', texts)
  lines.mapValuesAsync((line) => plan.runLater('async call', () => Promise.resolve(`${line}!`))).to('async', texts)
  lines.toSink('sink')
  builder.stream(/^more-.*/, texts).to('gathered', texts)
  builder
    .table('users', { ...texts, store: 'users' })
    .groupBy((user, region): [string, string] => [region, user], { name: 'by-region', ...texts })
    .aggregate(
      () => '',
      (_region, user, set) => withMember(set, user),
      (_region, user, set) => withoutMember(set, user),
      { store: 'regions', value: string() },
    )
    .toStream()
    .to('regions-out', texts)
  return builder.build({ optimize: 'all' })
}

/** Takes all but poison. */
export function collectingSink(written: Set<string>): Sink {
  let buffer: SinkRecord[] = []
  let reject: SinkContext['reject'] = () => {}
  return {
    async open(context) {
      reject = context.reject
    },
    isFull: false,
    add: (record) => void buffer.push(record),
    pump: () => {},
    async flush() {
      for (const record of buffer.splice(0)) {
        if (isPoison(String(record.value))) reject({ record, reason: 'poison', code: 'POISON' })
        else written.add(String(record.value))
      }
    },
    discard() {
      buffer = []
    },
    close: async () => {},
    status: () => ({
      state: 'open',
      stateForMs: 0,
      bufferedRecords: buffer.length,
      bufferedBytes: 0,
      oldestDocumentMs: 0,
      inFlight: 0,
      failedTries: 0,
      lastErrorCode: undefined,
      lastError: undefined,
    }),
  }
}
