import { setImmediate } from 'node:timers/promises'
import type { AlertChange, ModelWatch } from '../../../../src/alerts/index.ts'
import {
  type AlertLabels,
  type ModelHistory,
  modelId,
  rolledBack,
  type TrainedModel,
  type TrainingOrder,
  withLabel,
} from '../../../../src/detection/index.ts'
import { trained, type TrainingJob } from '../../../../src/detection/training/training-job.ts'
import { json, silentLogger, StreamsBuilder, string } from '../../../../src/index.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import type { TaskStores } from '../../../../src/stores/task-stores.ts'
import type { CapturedRecord } from '../../../../src/testing/capture.ts'
import { TopologyTestDriver } from '../../../../src/testing/index.ts'
import { restoreFromLog } from '../../../../src/testing/restore-from-log.ts'
import { changelogTopicName } from '../../../../src/topology/topology.ts'
import { labelsTable, readLabelsTable } from '../../../../topologies/alerting/label-shelf.ts'
import { watchModels } from '../../../../topologies/alerting/watch-models.ts'

/** What is in the topics that a replay reads, too. */
export interface WatchTopics {
  readonly models: readonly CapturedRecord[]
  readonly labels: readonly CapturedRecord[]
}

/** Workers that own the task of some watches, one after another, and the topics that they share. */
export class WatchOwners {
  readonly changes: AlertChange[] = []
  readonly published: ModelHistory[] = []
  /** How many rows each training that began had. */
  readonly trainings: number[] = []
  readonly #watches: readonly ModelWatch[]
  readonly #models: CapturedRecord[]
  readonly #labelRecords: CapturedRecord[]
  readonly #labels = new Map<string, AlertLabels>()
  readonly #histories = new Map<string, ModelHistory>()
  readonly #changelogs = new Map<string, CapturedRecord[]>()
  #stores: readonly TaskStores[] = []
  #driver: TopologyTestDriver
  #seen = 0
  #nowMs: number

  /** @param topics Records of models and labels that were written before. Default: none. */
  constructor(watches: readonly ModelWatch[], startMs: number, topics: WatchTopics = { models: [], labels: [] }) {
    this.#watches = watches
    this.#nowMs = startMs
    this.#models = [...topics.models]
    this.#labelRecords = [...topics.labels]
    this.#driver = this.#open()
    this.#readTables([...this.#models, ...this.#labelRecords])
  }

  get isTraining(): boolean {
    return this.trainings.length > this.published.length
  }

  get topics(): WatchTopics {
    return { models: this.#models, labels: this.#labelRecords }
  }

  /** The process ends, and with it what it trains. Another one restores the stores, and reads what compaction has left of models and labels. */
  async restart(): Promise<void> {
    await this.#replace([...newest(this.#models), ...newest(this.#labelRecords)])
  }

  /** The task moves to a process that has followed models and labels from their first record. */
  async move(): Promise<void> {
    await this.#replace([...this.#models, ...this.#labelRecords])
  }

  record(topic: string, key: string, value: object, timeMs: number): void {
    this.#driver.createInputTopic(topic, { key: string(), value: json<object>() }).pipeInput(key, value, timeMs)
    this.#take()
  }

  label(alert: string, isRight: boolean): void {
    const labels = withLabel(alert, this.#labels.get(alert), { timeMs: this.#nowMs, isRight, by: 'ann' })
    this.#labels.set(alert, labels)
    this.#write(this.#labelRecords, 'labels', alert, labels)
  }

  rollBack(id: string): void {
    const history = rolledBack(this.#histories.get(id) as ModelHistory, { nowMs: this.#nowMs, by: 'ben' })
    this.#histories.set(id, history)
    this.#write(this.#models, 'models', id, history)
  }

  /** Time continues. Trainings that have begun end after it. */
  async wait(ms: number): Promise<void> {
    this.#nowMs += ms
    this.#driver.advanceWallClock(ms)
    this.#take()
    await setImmediate()
  }

  async close(): Promise<void> {
    await this.#driver.close()
  }

  #open(): TopologyTestDriver {
    const builder = new StreamsBuilder()
    readLabelsTable(builder, 'labels')
    watchModels(builder, {
      watches: this.#watches,
      modelsTopic: 'models',
      changesTopic: 'changes',
      labels: labelsTable,
      train: (order) => this.#train(order),
      logger: silentLogger,
    })
    const opened: TaskStores[] = []
    const driver = new TopologyTestDriver(builder.build(), {
      startMs: this.#nowMs,
      changelogMode: 'coalesced',
      openStores: (options) => {
        const stores = createTaskStores(options)
        // Global tables have no changelog: they are read from their topics.
        if (options.specs.some(({ name }) => name.startsWith('watch-'))) opened.push(stores)
        return stores
      },
    })
    this.#stores = opened
    this.#seen = 0
    return driver
  }

  async #replace(tables: readonly CapturedRecord[]): Promise<void> {
    await this.#driver.close()
    this.#driver = this.#open()
    for (const stores of this.#stores) {
      for (const [name, log] of this.#changelogs) await restoreFromLog(stores, name, log, 0, log.length)
    }
    this.#readTables(tables)
  }

  #readTables(records: readonly CapturedRecord[]): void {
    for (const record of records) this.#driver.pipeRaw(record)
  }

  #write(log: CapturedRecord[], topic: string, key: string, value: object): void {
    const [text, timestamp] = [Buffer.from(JSON.stringify(value)), this.#nowMs]
    const record = { topic, key: Buffer.from(key), value: text, timestamp, headers: [] }
    log.push(record)
    this.#driver.pipeRaw(record)
  }

  /** Brings what the task has produced to where it belongs. */
  #take(): void {
    const produced = this.#driver.producedRecords()
    for (const record of produced.slice(this.#seen)) {
      const store = this.#storeOf(record.topic)
      if (store !== undefined) this.#changelogOf(store).push(record)
      else if (record.topic === 'changes') this.changes.push(valueOf(record) as AlertChange)
      else {
        const history = valueOf(record) as ModelHistory
        this.published.push(history)
        this.#histories.set(modelId(history), history)
        this.#models.push(record)
      }
    }
    this.#seen = produced.length
  }

  #storeOf(topic: string): string | undefined {
    const names = this.#watches.flatMap(({ name }) => ['', '-rows', '-trainings'].map((end) => `watch-${name}${end}`))
    return names.find((name) => topic === changelogTopicName('app', name))
  }

  #changelogOf(store: string): CapturedRecord[] {
    const log = this.#changelogs.get(store) ?? []
    this.#changelogs.set(store, log)
    return log
  }

  /** As in a thread, without one. */
  async #train({ kind, table, options }: TrainingOrder): Promise<TrainedModel> {
    const { features, rows, times, intervalMs } = table
    const [count, trainedMs] = [times.length, this.#nowMs]
    this.trainings.push(count)
    const { bytes, figures } = trained({ kind, rows, ...optionsOf(kind, features.length, options) } as TrainingJob)
    const [fromMs, untilMs] = [times[0] as number, times.at(-1) as number]
    const text = Buffer.from(bytes).toString('base64')
    return { kind, features, intervalMs, options, fromMs, untilMs, rows: count, figures, trainedMs, bytes: text }
  }
}

function optionsOf(kind: string, featureCount: number, options: object): object {
  return kind === 'autoencoder' ? { options: { ...options, featureCount } } : { featureCount, options }
}

function newest(records: readonly CapturedRecord[]): readonly CapturedRecord[] {
  return [...new Map(records.map((record) => [String(record.key), record])).values()]
}

function valueOf({ value }: CapturedRecord): unknown {
  return JSON.parse(Buffer.from(value as Uint8Array).toString())
}
