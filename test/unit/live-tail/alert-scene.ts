import type { AlertChange, AlertRequest } from '../../../src/alerts/index.ts'
import { json, string } from '../../../src/index.ts'
import type { LiveTailServer, LiveTailServerOptions } from '../../../src/live-tail/index.ts'
import type { MemoryTopicAccess } from '../../../src/testing/index.ts'
import { definition, Desk } from '../alerts/notices/desk.ts'
import { TailScene } from './scene.ts'

export const alertTopics = {
  groupsTopic: 'groups',
  silencesTopic: 'silences',
  acknowledgementsTopic: 'acknowledgements',
}

/** What a live tail answers. */
export interface Answer {
  readonly status: number
  readonly body: Snapshot & { readonly reason?: string; readonly record?: Readonly<Record<string, unknown>> }
}

interface Snapshot {
  readonly isComplete: boolean
  readonly mayAct: boolean
  readonly groups: readonly {
    readonly id: string
    readonly acknowledgement: { readonly author: string } | null
    readonly alertCount: number
    readonly asked: Readonly<Record<string, { readonly by: string }>>
    readonly receivers: readonly Readonly<Record<string, unknown>>[]
    readonly alerts: readonly (Readonly<Record<string, unknown>> & { readonly id: string; readonly silence: unknown })[]
  }[]
  readonly groupsLeftOut: number
  readonly silences: readonly { readonly id: string; readonly match: unknown }[]
}

/** A live tail in memory with alerts, in the states that the notices of a worker would store. */
export class AlertScene {
  readonly tail: TailScene
  readonly #desk: Desk
  readonly #groups: MemoryTopicAccess<string, unknown>

  constructor(
    tail = new TailScene(),
    notices: Parameters<typeof definition>[0] = {
      route: { wait: '0s', groupBy: ['alert'] },
      requests: { incident: ['chat'] },
    },
  ) {
    this.tail = tail
    for (const name of Object.values(alertTopics)) this.tail.memory.createTopic(name, 1)
    this.#desk = new Desk(definition(notices), Date.now())
    this.#groups = this.topic(alertTopics.groupsTopic)
  }

  topic(name: string): MemoryTopicAccess<string, unknown> {
    return this.tail.memory.topic(name, { key: string(), value: json<unknown>() })
  }

  serve(options: Partial<LiveTailServerOptions> = {}): Promise<LiveTailServer> {
    return this.tail.serve({ alerts: alertTopics, ...options })
  }

  fire(service: string, more: Partial<AlertChange> = {}): void {
    this.#desk.fire(service, 'high', more)
    this.#store()
  }

  /** As the worker does with a request. */
  ask(request: AlertRequest): void {
    this.#desk.ask(request)
    this.#store()
  }

  /** As the worker does with an acknowledgement. */
  acknowledge(): void {
    this.#desk.acknowledge()
    this.#store()
  }

  resolve(service: string): void {
    this.#desk.pass(1000)
    this.#desk.resolve(service)
    this.#store()
  }

  resolveAll(): void {
    const active = [...this.#desk.states.values()].flatMap(({ alerts }) => Object.values(alerts))
    for (const { change, isActive } of active) if (isActive) this.resolve(change.group.service ?? '')
  }

  #store(): void {
    for (const [key, state] of this.#desk.states) this.#groups.write(key, structuredClone(state))
  }

  close(): Promise<void> {
    return this.tail.close()
  }
}

export async function ask(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return answerOf(await fetch(`http://127.0.0.1:${port}${path}`, { headers }))
}

export async function act(
  port: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const request = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  }
  return answerOf(await fetch(`http://127.0.0.1:${port}/alerts/verbs`, request))
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}
