import { expect, test } from '@jest/globals'
import { createMetrics } from '../../../src/ops/metrics.ts'
import type { BrokerHealth } from '../../../src/kafka/port.ts'
import type { ApplicationStatus } from '../../../src/runtime/application/application-status.ts'
import type { TaskStatus } from '../../../src/runtime/thread/thread-status.ts'

const well = { nodeId: 1, isConnected: true, failingForMs: undefined, lastErrorCode: undefined, requestsInFlight: 0 }
const broker = (given: Partial<BrokerHealth> & { address: string }): BrokerHealth => ({ ...well, ...given })

const task: TaskStatus = {
  taskId: '0_1',
  thread: 'thread-1',
  state: 'RUNNING',
  streamTimeMs: 5,
  partitions: [
    {
      topic: 'logs',
      partition: 1,
      committedOffset: 1,
      position: 2,
      endOffset: 12,
      lagRecords: 10,
      lagSeconds: 1.5,
      bufferedRecords: 500,
    },
  ],
  processed: 2,
  dropped: 3,
  droppedByReason: { duplicate: 3 },
  droppedByTopic: { logs: { duplicate: 3 } },
  deadLetters: 1,
  punctuated: 0,
  produced: 4,
  changelogged: 0,
  dirtyEntries: 7,
  stores: [{ store: 'counts', rows: 120 }],
  trouble: { code: 'STORE_DISK_FULL', forMs: 12_000 },
  sinks: [
    {
      sink: 'search',
      state: 'delayed',
      stateForMs: 20_000,
      bufferedRecords: 40,
      bufferedBytes: 4000,
      oldestDocumentMs: 21_000,
      inFlight: 1,
      failedTries: 6,
      lastErrorCode: 'SINK_UNREACHABLE',
      lastError: 'connection refused',
    },
  ],
}

const restoring = [10, 20].map((remaining, index) => ({
  taskId: `0_${index}`,
  store: 'counts',
  restored: 5,
  remaining,
}))

const status: ApplicationStatus = {
  applicationId: 'app',
  state: 'RUNNING',
  isPaused: false,
  failure: undefined,
  threads: [
    { name: 'thread-1', state: 'RUNNING', restoring, phase: 'polling', waits: [], memberId: '', sinceRoundMs: 1500 },
  ],
  kafka: {
    brokers: [
      broker({ address: 'a:9092' }),
      broker({ address: 'b:9092', isConnected: false, failingForMs: 12_000, lastErrorCode: 'CONNECTION_REFUSED' }),
    ],
    leaderless: [{ topic: 'logs', partition: 3, forMs: 5 }],
  },
  tasks: [task],
  metrics: {
    counters: [
      { processor: 'fraud', name: 'alerts', value: 5 },
      { processor: 'enrich', name: 'log_level:error', value: 6 },
    ],
    gauges: [{ processor: 'fraud', name: 'open', value: 2, taskId: '0_1' }],
  },
  totals: {
    processed: 2,
    commits: 1,
    lastCommitLatencyMs: 3,
    restoredTasks: 0,
    droppedByReason: { duplicate: 3 },
    droppedByTopic: { logs: { duplicate: 3 } },
    deadLetters: 1,
  },
}

async function textOf(current: ApplicationStatus | undefined): Promise<string> {
  return createMetrics({ status: () => current, clientConnections: () => 3 }).text()
}

test.each([
  'kafka_consumer_lag{topic="logs",partition="1"} 10',
  'kafka_consumer_lag_seconds{topic="logs",partition="1"} 1.5',
  'millrace_buffer_utilization 0.5',
  'millrace_tasks{state="RUNNING"} 1',
  'millrace_application_state{state="RUNNING"} 1',
  'millrace_application_state{state="ERROR"} 0',
  'millrace_dropped_records_total{topic="logs",reason="duplicate"} 3',
  'millrace_dead_letters_total 1',
  'millrace_kafka_connections 1',
  'millrace_partitions_without_lag 0',
  'millrace_restore_remaining_records{store="counts"} 30',
  'millrace_client_connections 3',
  'millrace_dirty_entries 7',
  'millrace_task_trouble_seconds{code="STORE_DISK_FULL"} 12',
  'millrace_processor_counter_total{processor="fraud",name="alerts"} 5',
  'millrace_processor_counter_total{processor="enrich",name="log_level",value="error"} 6',
  'millrace_processor_gauge{processor="fraud",name="open",task="0_1"} 2',
  'millrace_broker_up{broker="a:9092"} 1',
  'millrace_broker_up{broker="b:9092"} 0',
  'millrace_broker_failing_seconds{broker="b:9092"} 12',
  'millrace_partitions_without_leader 1',
  'millrace_sink_up{sink="search"} 0',
  'millrace_sink_oldest_document_seconds{sink="search"} 21',
  'millrace_sink_failed_tries{sink="search"} 6',
  'millrace_sink_buffered_documents{sink="search"} 40',
  'millrace_sink_last_error{sink="search",code="SINK_UNREACHABLE"} 1',
  'millrace_thread_seconds_since_round{thread="thread-1"} 1.5',
])('the metrics show %s', async (line) => expect((await textOf(status)).split('\n')).toContain(line))

test('an unknown lag is left out, not reported as zero', async () => {
  const partitions = task.partitions.map((partition) => ({
    ...partition,
    lagRecords: undefined,
    lagSeconds: undefined,
  }))
  const text = await textOf({ ...status, tasks: [{ ...task, partitions }] })
  expect(text).not.toMatch(/^kafka_consumer_lag(_seconds)?\{/m)
  expect(text).toContain('millrace_partitions_without_lag 1')
})

test('what a replay has to read is marked with the id of the replay', async () => {
  const text = await createMetrics({ status: () => status, replay: 'r7' }).text()
  expect(text).toContain('kafka_consumer_lag{topic="logs",partition="1",replay="r7"} 10')
  expect(text).toContain('kafka_consumer_lag_seconds{topic="logs",partition="1",replay="r7"} 1.5')
  expect(text).toContain('kafka_consumer_stuck_seconds{topic="logs",partition="1",replay="r7"} 0')
})

test('values of a label beyond the first 100 count as other', async () => {
  const metrics = createMetrics({ status: () => undefined })
  for (let topic = 0; topic < 105; topic++) {
    metrics.listener.onPositionLost?.({
      thread: 't',
      topic: `in-${topic}`,
      partition: 0,
      kind: 'deleted',
      from: 0,
      to: 2,
    })
  }
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('millrace_skipped_offsets_total{'))
  expect(lines).toHaveLength(101)
  expect(lines).toContain('millrace_skipped_offsets_total{topic="other"} 10')
})

test('the disk of the state directory has a size and what is free', async () => {
  const text = await createMetrics({ status: () => undefined, stateDirectory: '.' }).text()
  expect(text).toMatch(/^millrace_state_disk_bytes\{kind="size"\} [1-9]/m)
  expect(text).toMatch(/^millrace_state_disk_bytes\{kind="free"\} [1-9]/m)
})

test('metrics of the process are there before the application is', async () => {
  expect(await textOf(undefined)).toContain('process_cpu_user_seconds_total')
})

test('events count: processed records, commits, errors by code', async () => {
  const metrics = createMetrics({ status: () => status, bufferedRecordsPerPartition: 1000 })
  metrics.listener.onRound?.({ thread: 't', polledRecords: 5, processedRecords: 5, processMs: 2, latencyMs: 40 })
  metrics.listener.onCommit?.({ thread: 't', tasks: 1, latencyMs: 20 })
  metrics.listener.onError?.('t', { code: 'GROUP_FENCED' })
  const lines = (await metrics.text()).split('\n')
  expect(lines).toContain('millrace_messages_processed_total 5')
  expect(lines).toContain('millrace_messaging_latency_seconds_sum 0.04')
  expect(lines).toContain('millrace_commit_seconds_count 1')
  expect(lines).toContain('millrace_streaming_errors_total{code="GROUP_FENCED"} 1')
})

test('rebalances count by cause', async () => {
  const metrics = createMetrics({ status: () => status, bufferedRecordsPerPartition: 1000 })
  for (const cause of ['member-joined', 'member-left', 'member-joined'] as const)
    metrics.listener.onRebalance?.({ thread: 't', cause, detail: '' })
  const lines = (await metrics.text()).split('\n')
  expect(lines).toContain('millrace_rebalances_total{cause="member-joined"} 2')
  expect(lines).toContain('millrace_rebalances_total{cause="member-left"} 1')
})

test('positions that were lost count by topic and kind, and the offsets that were skipped', async () => {
  const metrics = createMetrics({ status: () => status, bufferedRecordsPerPartition: 1000 })
  const loss = { thread: 't', topic: 'in', partition: 0 }
  metrics.listener.onPositionLost?.({ ...loss, kind: 'deleted', from: 5, to: 12 })
  metrics.listener.onPositionLost?.({ ...loss, kind: 'recreated', from: 40, to: 0 })
  const lines = (await metrics.text()).split('\n')
  expect(lines).toContain('millrace_positions_lost_total{topic="in",kind="deleted"} 1')
  expect(lines).toContain('millrace_positions_lost_total{topic="in",kind="recreated"} 1')
  expect(lines).toContain('millrace_skipped_offsets_total{topic="in"} 7')
})
