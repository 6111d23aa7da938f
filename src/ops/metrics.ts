import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { errorCode } from '../core/errors.ts'
import type { RuntimeListener } from '../runtime/listener.ts'
import type { ApplicationStatus, TaskSinkStatus, TaskStatus } from '../runtime/status.ts'

/** Prometheus metrics of one application; read from its status when asked, never on the record path. */
export interface Metrics {
  /** To be given to the application. */
  readonly listener: RuntimeListener
  /** Prometheus text. */
  text(): Promise<string>
}

export interface MetricsOptions {
  readonly status: () => ApplicationStatus | undefined
  readonly bufferedRecordsPerPartition: number
}

const applicationStates = [
  'CREATED',
  'STARTING',
  'REBALANCING',
  'RUNNING',
  'PENDING_SHUTDOWN',
  'NOT_RUNNING',
  'ERROR',
] as const

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  followStatus(registry, options)
  return { listener: followEvents(registry), text: () => registry.metrics() }
}

function followEvents(registry: Registry): RuntimeListener {
  const registers = [registry]
  const processed = new Counter({
    registers,
    name: 'millrace_messages_processed_total',
    help: 'Records taken from input and repartition topics and processed',
  })
  const roundSeconds = new Histogram({
    registers,
    name: 'millrace_process_round_seconds',
    help: 'Time one round of processing took; the event loop is held for so long',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  })
  const commitSeconds = new Histogram({
    registers,
    name: 'millrace_commit_seconds',
    help: 'Time from the start of a commit until offsets and state are durable',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })
  const restored = new Counter({
    registers,
    name: 'millrace_restored_records_total',
    help: 'Changelog records restored',
  })
  const errors = new Counter({
    registers,
    name: 'millrace_streaming_errors_total',
    help: 'Errors that a thread met and recovered from, or that stopped it',
    labelNames: ['code'],
  })
  const positionsLost = new Counter({
    registers,
    name: 'millrace_positions_lost_total',
    help: 'Positions that were not in their log, so that reading went on elsewhere',
    labelNames: ['topic', 'kind'],
  })
  const skippedOffsets = new Counter({
    registers,
    name: 'millrace_skipped_offsets_total',
    help: 'Offsets that were gone before they were read',
    labelNames: ['topic'],
  })
  return {
    onRound: (event) => {
      processed.inc(event.processedRecords)
      roundSeconds.observe(event.processMs / 1000)
    },
    onCommit: (event) => commitSeconds.observe(event.latencyMs / 1000),
    onRestored: (event) => restored.inc(event.restoredRecords),
    onPositionLost: ({ topic, kind, from, to }) => {
      positionsLost.inc({ topic, kind })
      if (kind !== 'recreated' && to > from) skippedOffsets.inc({ topic }, to - from)
    },
    onError: (_, error) => errors.inc({ code: errorCode(error) ?? 'UNKNOWN' }),
  }
}

type DefineGauge = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: (set: Gauge<Label>, current: ApplicationStatus) => void,
) => void

function followStatus(registry: Registry, { status, bufferedRecordsPerPartition }: MetricsOptions): void {
  const gauge: DefineGauge = (name, help, labelNames, read) => {
    new Gauge({
      registers: [registry],
      name,
      help,
      labelNames: [...labelNames],
      collect() {
        this.reset()
        const current = status()
        if (current !== undefined) read(this, current)
      },
    })
  }
  gauge(
    'kafka_consumer_lag',
    'Records between what is committed and the end of the partition',
    ['topic', 'partition'],
    (set, { tasks }) => {
      for (const { topic, partition, lagRecords } of partitionsOf(tasks)) {
        if (lagRecords !== undefined) set.set({ topic, partition }, lagRecords)
      }
    },
  )
  gauge('kafka_consumer_lag_seconds', 'Age of the next record to process', ['topic', 'partition'], (set, { tasks }) => {
    for (const { topic, partition, lagSeconds } of partitionsOf(tasks)) {
      if (lagSeconds !== undefined) set.set({ topic, partition }, lagSeconds)
    }
  })
  gauge('millrace_buffer_utilization', 'Share of the record buffers in use', [], (set, { tasks }) => {
    const partitions = partitionsOf(tasks)
    const buffered = partitions.reduce((sum, partition) => sum + partition.bufferedRecords, 0)
    set.set(partitions.length === 0 ? 0 : buffered / (partitions.length * bufferedRecordsPerPartition))
  })
  gauge('millrace_tasks', 'Tasks of this process by state', ['state'], (set, { tasks }) => {
    for (const { state } of tasks) set.inc({ state })
  })
  gauge('millrace_application_state', '1 for the state that holds', ['state'], (set, { state }) => {
    for (const candidate of applicationStates) set.set({ state: candidate }, candidate === state ? 1 : 0)
  })
  gauge('millrace_dirty_entries', 'Entries of stores that wait for the next commit', [], (set, { tasks }) =>
    set.set(sum(tasks, (task) => task.dirtyEntries)),
  )
  gauge(
    'millrace_dropped_records',
    'Records dropped by the tasks that run here, by reason',
    ['reason'],
    (set, current) => {
      for (const task of current.tasks) {
        for (const [reason, count] of Object.entries(task.droppedByReason)) set.inc({ reason }, count)
      }
    },
  )
  followBrokers(gauge)
  followSinks(gauge)
  gauge(
    'millrace_thread_seconds_since_round',
    'Since the loop of the thread came round',
    ['thread'],
    (set, { threads }) => {
      for (const { name, sinceRoundMs } of threads) set.set({ thread: name }, sinceRoundMs / 1000)
    },
  )
  gauge('millrace_dead_letters', 'Dead letters written by the tasks that run here', [], (set, { tasks }) =>
    set.set(sum(tasks, (task) => task.deadLetters)),
  )
  gauge('millrace_produced_records', 'Records produced by the tasks that run here', [], (set, { tasks }) =>
    set.set(sum(tasks, (task) => task.produced)),
  )
}

function followBrokers(gauge: DefineGauge): void {
  gauge('millrace_broker_up', '1 for a broker that answers, 0 for one that does not', ['broker'], (set, { kafka }) => {
    for (const { address, failingForMs } of kafka.brokers)
      set.set({ broker: address }, failingForMs === undefined ? 1 : 0)
  })
  gauge(
    'millrace_broker_failing_seconds',
    'How long nothing has worked with the broker',
    ['broker'],
    (set, { kafka }) => {
      for (const { address, failingForMs = 0 } of kafka.brokers) set.set({ broker: address }, failingForMs / 1000)
    },
  )
  gauge('millrace_partitions_without_leader', 'Partitions in use that have no leader', [], (set, { kafka }) =>
    set.set(kafka.leaderless.length),
  )
}

/** Of a sink's tasks the worst counts; what is buffered is added up. */
function followSinks(gauge: DefineGauge): void {
  const worst = (set: Gauge<'sink'>, { tasks }: ApplicationStatus, read: (sink: TaskSinkStatus) => number): void => {
    const values = new Map<string, number>()
    for (const sink of tasks.flatMap(({ sinks }) => sinks)) {
      values.set(sink.sink, Math.max(values.get(sink.sink) ?? 0, read(sink)))
    }
    for (const [sink, value] of values) set.set({ sink }, value)
  }
  gauge(
    'millrace_sink_up',
    '1 for a sink that takes what it is sent, 0 for one that is delayed or paused',
    ['sink'],
    (set, status) => {
      const isHeld = new Map<string, boolean>()
      for (const { sink, state } of status.tasks.flatMap(({ sinks }) => sinks)) {
        isHeld.set(sink, (isHeld.get(sink) ?? false) || state !== 'open')
      }
      for (const [sink, held] of isHeld) set.set({ sink }, held ? 0 : 1)
    },
  )
  gauge('millrace_sink_oldest_document_seconds', 'How long the oldest document has waited', ['sink'], (set, status) =>
    worst(set, status, ({ oldestDocumentMs }) => oldestDocumentMs / 1000),
  )
  gauge('millrace_sink_failed_tries', 'Requests that failed in a row', ['sink'], (set, status) =>
    worst(set, status, ({ failedTries }) => failedTries),
  )
  gauge('millrace_sink_buffered_documents', 'Documents neither written nor rejected', ['sink'], (set, { tasks }) => {
    for (const { sink, bufferedRecords } of tasks.flatMap(({ sinks }) => sinks)) set.inc({ sink }, bufferedRecords)
  })
  gauge(
    'millrace_sink_last_error',
    '1 for the last error of a sink that is held up',
    ['sink', 'code'],
    (set, { tasks }) => {
      for (const { sink, lastErrorCode } of tasks.flatMap(({ sinks }) => sinks)) {
        if (lastErrorCode !== undefined) set.set({ sink, code: lastErrorCode }, 1)
      }
    },
  )
}

function partitionsOf(tasks: readonly TaskStatus[]): readonly TaskStatus['partitions'][number][] {
  return tasks.flatMap((task) => task.partitions)
}

function sum(tasks: readonly TaskStatus[], read: (task: TaskStatus) => number): number {
  return tasks.reduce((total, task) => total + read(task), 0)
}
