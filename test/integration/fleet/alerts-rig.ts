import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { topics } from '../../../fleet/topics.ts'
import type { AlertChange, Notice } from '../../../src/alerts/index.ts'
import { alertChange } from '../../support/notices.ts'
import { ServiceServer } from '../../support/service-server.ts'
import { until } from '../../support/until.ts'
import { FleetRig, type WorkerProcess } from './fleet-rig.ts'
import { temporaryFolder } from './start-process.ts'

/** Files of a worker, and what they name. */
export interface AlertsRigOptions {
  readonly notices: string
  readonly notifiers: string
  readonly environment: Readonly<Record<string, string>>
}

/** One receiver behind a webhook, whose notices come soon and often. */
const notices = `
receivers: [{ name: hook }]
routes:
  - { name: all, receivers: [hook], groupBy: [alert], wait: 3s, interval: 1s, repeat: 4s, escalate: false }
flapping: off
`
const notifiers = `
notifiers: [{ name: hook, webhook: { url: { env: HOOK_URL } } }]
`

/** A worker that owns alerts, on a real Kafka, and the receiver of its notices. */
export class AlertsRig {
  readonly fleet: FleetRig
  readonly server: ServiceServer
  readonly #folder = temporaryFolder()
  readonly #environment: AlertsRigOptions['environment']
  #worker: WorkerProcess | undefined

  private constructor(fleet: FleetRig, server: ServiceServer, options: AlertsRigOptions) {
    this.fleet = fleet
    this.server = server
    this.#environment = options.environment
    writeFileSync(join(this.#folder, 'notices.yaml'), options.notices)
    writeFileSync(join(this.#folder, 'notifiers.yaml'), options.notifiers)
  }

  static async start(options: AlertsRigOptions = { notices, notifiers, environment: {} }): Promise<AlertsRig> {
    const server = new ServiceServer()
    const [fleet] = await Promise.all([FleetRig.start(), server.start()])
    return new AlertsRig(fleet, server, options)
  }

  /** A worker of the same name each time, so that the group knows it again after a kill. */
  async startWorker(): Promise<WorkerProcess> {
    const worker = await this.fleet.worker('alerts', {
      ALERTS_NOTICES_FILE: join(this.#folder, 'notices.yaml'),
      ALERTS_NOTIFIERS_FILE: join(this.#folder, 'notifiers.yaml'),
      HOOK_URL: this.server.url,
      KAFKA_GROUP_INSTANCE_ID: 'alerts-1',
      STATE_DIRECTORY: join(this.#folder, 'state'),
      ...this.#environment,
    })
    await worker.process.line(/"to":"RUNNING".*"msg":"application state"/, 60_000)
    this.#worker = worker
    return worker
  }

  /** Kill -9, and another process. */
  async killAndRestart(): Promise<void> {
    await this.#worker?.process.kill()
    await this.startWorker()
  }

  async change(service: string, status: AlertChange['status'], startMs: number): Promise<void> {
    const timeMs = status === 'resolved' ? Date.now() : startMs
    const change = alertChange(service, status, { startMs, timeMs })
    await this.fleet.peer.send(topics.alertChanges.name, [{ key: change.key, value: JSON.stringify(change) }])
  }

  /** What the receiver has taken of a service, in order. */
  taken(service: string): readonly Notice[] {
    return this.server.taken
      .map(({ body }) => JSON.parse(body) as Notice)
      .filter(({ dedupKey }) => dedupKey.includes(encodeURIComponent(`errors/${service}`)))
  }

  /** Resolves when the receiver has so many notices of a kind. */
  async untilTaken(service: string, kind: Notice['kind'], count = 1): Promise<void> {
    const ids = (): Set<string> => new Set(this.#ofKind(service, kind))
    await until(() => ids().size >= count, 60_000, `${count} ${kind} of ${service}: ${this.#lines(service)}`)
  }

  #ofKind(service: string, kind: Notice['kind']): readonly string[] {
    return this.taken(service)
      .filter((notice) => notice.kind === kind)
      .map(({ id }) => id)
  }

  #lines(service: string): string {
    return this.taken(service)
      .map(({ id }) => id)
      .join(', ')
  }

  async stop(): Promise<void> {
    await this.fleet.stop()
    await this.server.stop()
  }
}
