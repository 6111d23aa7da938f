import type { IncomingMessage, ServerResponse } from 'node:http'
import { noHeaders } from '../../core/headers.ts'
import { errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import { refuse } from '../../core/http-refusal.ts'
import { BytesWriter } from '../../kafka/bytes-writer.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import type { AccessLog } from '../access/access-log.ts'
import { mayAct, type Role, seesClass } from '../access/roles.ts'
import { alertsSection } from '../access/sections.ts'
import type { Refusal } from '../admission.ts'
import type { Desk } from '../desk.ts'
import { EventStream } from '../event-stream.ts'
import type { LiveTail } from '../live-tail.ts'
import { notRecorded, type Reception, type Visitor } from '../reception.ts'
import type { AlertDeskOptions } from './alert-desk-options.ts'
import { alertSnapshot } from './alert-snapshot.ts'
import type { ShownAlerts } from './alerts-shape.ts'
import { AlertTables } from './alert-tables.ts'
import { type AlertVerb, alertVerb } from './alert-verb.ts'
import { AlertViewers } from './alert-viewers.ts'

/** Paths by what is asked for. */
const alertPaths = Object.freeze({ list: '/alerts', stream: '/alerts/stream', verbs: '/alerts/verbs' })

const bodyBytesMax = 16_384
const timeoutMs = 30_000
/** How long a text of what fires is good for all who see the same. */
const goodForMs = 100

/** What it needs. */
interface AlertDeskWorld {
  readonly kafka: KafkaDriver
  readonly tail: LiveTail
  readonly reception: Reception
  readonly accesses: AccessLog
}

/** Shows the alerts that fire, as their worker has stored them, and writes what people do about them to its topics. */
export class AlertDesk implements Desk {
  readonly methods = { [alertPaths.list]: 'GET', [alertPaths.stream]: 'GET', [alertPaths.verbs]: 'POST' } as const
  readonly #options: AlertDeskOptions
  readonly #world: AlertDeskWorld
  readonly #viewers: AlertViewers
  #tables!: AlertTables
  /** By what somebody sees. */
  readonly #texts = new Map<string, { readonly text: string; readonly atMs: number }>()

  static async start(options: AlertDeskOptions, world: AlertDeskWorld): Promise<AlertDesk> {
    const desk = new AlertDesk(options, world)
    const { clock, logger } = world.tail.config
    const changed = (): void => desk.#changed()
    desk.#tables = await AlertTables.start(options, { kafka: world.kafka, clock, logger, changed })
    return desk
  }

  private constructor(options: AlertDeskOptions, world: AlertDeskWorld) {
    this.#options = options
    this.#world = world
    this.#viewers = new AlertViewers(world.tail.config.clock, world.tail.config.heartbeatMs)
  }

  /** Resolves when it is closed; rejects when it cannot read any longer. */
  get ended(): Promise<void> {
    return this.#tables.ended
  }

  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const visitor = await this.#world.reception.meet(request, alertsSection)
    if ('status' in visitor) return refuse(response, visitor)
    if (path === alertPaths.verbs) return this.#act(visitor, request, response)
    if (path === alertPaths.stream) return this.#stream(visitor, request, response)
    if (!(await this.#recorded(visitor))) return refuse(response, notRecorded)
    answerJson(response, this.#snapshot(visitor))
  }

  async close(): Promise<void> {
    this.#viewers.close()
    await this.#tables.close()
  }

  #changed(): void {
    this.#texts.clear()
    this.#viewers.changed()
  }

  #recorded({ access, unmask }: Visitor): Promise<boolean> {
    return this.#world.accesses.begin('alerts shown', access, unmask === undefined ? {} : { unmask })
  }

  async #stream(visitor: Visitor, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seat = this.#world.reception.seat(visitor)
    if ('status' in seat) return refuse(response, seat)
    const isRecorded = await this.#recorded(visitor)
    if (!isRecorded || response.destroyed) {
      seat.leave()
      return isRecorded ? undefined : refuse(response, notRecorded)
    }
    // Heartbeats find out whether somebody is there.
    request.socket.setTimeout(0)
    const stream = new EventStream(response, request.headers['accept-encoding'])
    const viewer = {
      stream,
      snapshot: () => this.#snapshot(visitor),
      isWelcome: () => visitor.identity.isCurrent(),
    }
    response.once('close', () => {
      this.#viewers.leave(viewer)
      seat.leave()
    })
    this.#viewers.enter(viewer)
  }

  /** All that the roles show, on one line. */
  #snapshot(visitor: Visitor): string {
    const { roles } = visitor.identity
    const { clock } = this.#world.tail.config
    const isMasked = isMaskedFor(visitor)
    const sight = { seesSecurity: seesClass(roles, 'security'), seesLogs: seesAllLogs(roles) }
    const parts = { ...sight, mayAct: mayAct(roles), isMasked }
    const key = JSON.stringify(parts)
    const nowMs = clock.nowMs()
    const known = this.#texts.get(key)
    if (known !== undefined && Math.abs(nowMs - known.atMs) < goodForMs) return known.text
    const { channels = {}, requests = {} } = this.#options
    const snapshot = alertSnapshot(this.#tables, { sight, channels, nowMs })
    const whole = JSON.stringify({ ...snapshot, mayAct: parts.mayAct, requests } satisfies ShownAlerts)
    const text = isMasked ? this.#world.tail.masked(whole) : whole
    this.#texts.set(key, { text, atMs: nowMs })
    return text
  }

  async #act(visitor: Visitor, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { reception, tail } = this.#world
    const { user, roles } = visitor.identity
    if (!mayAct(roles)) {
      const { owner } = tail.config
      const reason = `${user} has no role operations, which alone acts on alerts: ask the owner`
      return refuse(response, reception.refused(visitor.access, { status: 403, reason, owner }))
    }
    const body = await bodyOf(request)
    const moment = { author: user, nowMs: tail.config.clock.nowMs() }
    const verb =
      'status' in body ? body : alertVerb(body.value, moment, { tables: this.#tables, options: this.#options })
    if ('status' in verb) return refuse(response, reception.refused(visitor.access, verb))
    const refusal = await this.#write(visitor, verb)
    if (refusal !== undefined) return refuse(response, refusal)
    const record = isMaskedFor(visitor) ? withoutKeys(verb.value) : verb.value
    answerJson(response, JSON.stringify({ ok: true, verb: verb.verb, record }))
  }

  /** Nothing is written that could not be recorded before. */
  async #write({ access }: Visitor, verb: AlertVerb): Promise<Refusal | undefined> {
    const { kafka, accesses } = this.#world
    if (!(await accesses.begin('alert verb begun', access, { ...verb }))) return notRecorded
    const { topic, key, value } = verb
    try {
      const writer = await BytesWriter.open(kafka, topic, { timeoutMs })
      try {
        const bytes = value === null ? null : Buffer.from(JSON.stringify(value))
        const timestampMs = this.#world.tail.config.clock.nowMs()
        await writer.write({ key: Buffer.from(key), value: bytes, timestampMs, headers: noHeaders })
      } finally {
        await writer.close()
      }
    } catch (error) {
      const reason = errorMessage(error)
      accesses.record('alert verb failed', access, { verb: verb.verb, key, code: errorCode(error), reason })
      return {
        status: 503,
        reason: `topic ${topic} has not confirmed it (${reason}): look whether it holds before you try again`,
      }
    }
    accesses.record('alert verb done', access, { verb: verb.verb, key })
    return undefined
  }
}

function isMaskedFor({ identity: { roles }, unmask }: Visitor): boolean {
  return roles !== undefined && unmask === undefined
}

/** Keys of alerts and groups hold the values that alerts are grouped by, where no mask finds them. */
function withoutKeys(record: unknown): unknown {
  if (record === null) return null
  return Object.fromEntries(
    Object.entries(record as object).filter(([name]) => name !== 'dedupKey' && name !== 'match'),
  )
}

/** Examples may be of any log. */
function seesAllLogs(roles: readonly Role[] | undefined): boolean {
  return roles === undefined || roles.includes('operations')
}

function answerJson(response: ServerResponse, text: string): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(200, headers).end(text)
}

/** Pages of other sites can send texts without being asked whether they may; they cannot send JSON. */
async function bodyOf(request: IncomingMessage): Promise<{ readonly value: unknown } | Refusal> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1)
  if (type.trim() !== 'application/json')
    return { status: 400, reason: 'the body must be JSON, with content-type: application/json' }
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bodyBytesMax)
        throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `it has more than ${bodyBytesMax} bytes`)
      chunks.push(chunk)
    }
    return { value: JSON.parse(Buffer.concat(chunks).toString()) as unknown }
  } catch (error) {
    request.resume()
    return { status: 400, reason: `the body cannot be read as JSON: ${errorMessage(error)}` }
  }
}
