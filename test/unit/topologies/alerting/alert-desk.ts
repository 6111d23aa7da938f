import { alertsTopology, type AlertsTopologyOptions } from '../../../../fleet/alerts-worker.ts'
import { topics } from '../../../../fleet/topics.ts'
import type { Alert } from '../../../../schemas/alert.ts'
import {
  type Acknowledgement,
  type AlertChange,
  type AlertRequest,
  type Notice,
  notices,
  type NoticesDefinition,
  type Silence,
} from '../../../../src/alerts/index.ts'
import { json, string } from '../../../../src/index.ts'
import { silentLogger } from '../../../../src/core/logger.ts'
import { TopologyTestDriver } from '../../../../src/testing/index.ts'
import { alertChange } from '../../../support/notices.ts'

const texts = { key: string(), value: json<unknown>() }
const startMs = Date.UTC(2026, 10, 29, 9, 0)

/** The topology of the worker, with a clock that a test moves. */
export class AlertDesk {
  readonly driver: TopologyTestDriver
  readonly #changes
  readonly #silences
  readonly #acknowledgements
  readonly #notices
  readonly #alerts
  readonly #critical

  constructor(definition: NoticesDefinition, more: Partial<AlertsTopologyOptions> = {}) {
    const plan = notices(definition)
    const options = { rules: [], plan, notifiers: [], logger: silentLogger, sinks: [], ...more }
    this.driver = new TopologyTestDriver(alertsTopology(options), { startMs })
    this.#changes = this.driver.createInputTopic(topics.alertChanges.name, texts)
    this.#silences = this.driver.createInputTopic(topics.alertSilences.name, texts)
    this.#acknowledgements = this.driver.createInputTopic(topics.alertAcknowledgements.name, texts)
    this.#notices = this.driver.createOutputTopic(topics.alertNotices.name, texts)
    this.#alerts = this.driver.createOutputTopic(topics.alerts.name, texts)
    this.#critical = this.driver.createOutputTopic(topics.criticalAlerts.name, texts)
  }

  get nowMs(): number {
    return this.driver.wallClockMs()
  }

  change(service: string, status: AlertChange['status'], more: Partial<AlertChange> = {}): void {
    const { rule = 'errors' } = more
    const episode = `${rule}/${service}@1`
    const change = alertChange(service, status, { episode, startMs: this.nowMs, ...more })
    this.#changes.pipeInput(change.key, change, this.nowMs)
  }

  silence(id: string, silence: Silence | string | null): void {
    this.#silences.pipeInput(id, silence, this.nowMs)
  }

  acknowledge(acknowledgement: Acknowledgement): void {
    this.#acknowledgements.pipeInput(acknowledgement.dedupKey, acknowledgement, this.nowMs)
  }

  ask(request: AlertRequest): void {
    this.#acknowledgements.pipeInput(request.dedupKey, request, this.nowMs)
  }

  /** Each second of it. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) this.driver.advanceWallClock(1000)
  }

  /** The notices since the last call. */
  notices(): readonly Notice[] {
    return this.#notices.readValuesToList() as readonly Notice[]
  }

  /** The same as texts. */
  lines(): readonly string[] {
    return this.notices().map(({ kind, receiver, title }) => `${kind} ${receiver}: ${title}`)
  }

  alerts(): readonly Alert[] {
    return this.#alerts.readValuesToList() as readonly Alert[]
  }

  criticalAlerts(): readonly Alert[] {
    return this.#critical.readValuesToList() as readonly Alert[]
  }

  counter(name: string): number {
    return this.driver
      .metrics()
      .counters.filter((one) => one.name === name)
      .reduce((sum, { value }) => sum + value, 0)
  }

  close(): Promise<void> {
    return this.driver.close()
  }
}
