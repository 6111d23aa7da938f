import { Agent, type Dispatcher, request } from 'undici'
import { Backoff, type BackoffOptions } from '../core/backoff.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { consequenceOf, type ErrorCode, errorMessage, MillraceError } from '../core/errors.ts'

/** How to reach a schema registry. */
export interface SchemaRegistryOptions {
  /** Root of the API that is compatible with Confluent's registry, without credentials. */
  readonly url: string
  /** User name and password, sent as HTTP Basic authentication. Default: none. */
  readonly basicAuth?: { readonly username: string; readonly password: string }
  /** PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** How long one request may take, from connecting to the last byte of the answer, in milliseconds. Default 5 s. */
  readonly requestTimeoutMs?: number
  /** How long one call may take, retries included, in milliseconds. Default 30 s. */
  readonly deadlineMs?: number
  /** The source of time. Default: `systemClock`. */
  readonly clock?: Clock
}

/** A schema in the registry. */
export interface RegisteredSchema {
  /** The id of the schema in the registry. */
  readonly id: number
  /** The text of the schema, in JSON. */
  readonly schema: string
}

/**
 * A schema registry as the serdes use it. Ids and schemas never change, so they are cached without a time limit. A registry
 * in memory answers synchronously, without promises.
 */
export interface SchemaRegistry {
  /** The source of time for waits and retries. */
  readonly clock: Clock
  /** Fails with UNKNOWN_SCHEMA (record), REGISTRY_UNAVAILABLE (retriable), or a fatal code. */
  schemaById(id: number): string | Promise<string>
  /** Returns the id of the schema under the subject, and registers the schema if it is missing. */
  register(subject: string, schema: string): number | Promise<number>
  /** Returns the id of a schema that is registered under the subject; fails with SCHEMA_NOT_REGISTERED (fatal). */
  lookUp(subject: string, schema: string): number | Promise<number>
  /** Every version of the subject that is plain Avro, the newest last; none where the subject does not exist. */
  versions(subject: string): readonly RegisteredSchema[] | Promise<readonly RegisteredSchema[]>
}

/** A registry behind HTTP. */
export interface SchemaRegistryClient extends SchemaRegistry {
  schemaById(id: number): Promise<string>
  register(subject: string, schema: string): Promise<number>
  lookUp(subject: string, schema: string): Promise<number>
  versions(subject: string): Promise<readonly RegisteredSchema[]>
  /** Closes the connections; requests in flight fail. */
  close(): Promise<void>
}

const retryBackoff: BackoffOptions = Object.freeze({ initialMs: 100, maxMs: 2_000 })
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429])
const answerBytesMax = 8 * 1024 * 1024
const contentType = 'application/vnd.schemaregistry.v1+json'

/**
 * Opens a client of a schema registry over HTTP. Ids and schemas are kept in memory once they are known. Throws
 * INVALID_OPTION for a `url` that is not http or https, or contains credentials. Close the client after use.
 */
export function createSchemaRegistryClient(options: SchemaRegistryOptions): SchemaRegistryClient {
  return new HttpSchemaRegistryClient(options)
}

interface Config {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly requestTimeoutMs: number
  readonly deadlineMs: number
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/**
 * The client over HTTP. Ids and schemas never change in a registry, so that answers about them are kept for good;
 * failed ones are forgotten, so that the next record asks again. Callers that ask the same share one request. Errors:
 * UNKNOWN_SCHEMA and UNSUPPORTED_SCHEMA (record) for what one record needs; REGISTRY_UNAVAILABLE (retriable) for what
 * may pass; the others (fatal) need a person.
 */
class HttpSchemaRegistryClient implements SchemaRegistryClient {
  readonly clock: Clock
  readonly #config: Config
  readonly #agent: Agent
  /** Answers that never change, and those in flight, by what was asked. */
  readonly #known = new Map<string, Promise<unknown>>()
  #closed = false

  constructor(options: SchemaRegistryOptions) {
    this.#config = compile(options)
    this.clock = options.clock ?? systemClock
    this.#agent = new Agent({
      connections: 4,
      maxResponseSize: answerBytesMax,
      connect: { ...options.tls, timeout: this.#config.requestTimeoutMs },
    })
  }

  schemaById(id: number): Promise<string> {
    return this.#once(`id ${id}`, async () => {
      const about = `schema id ${id}`
      const { status, body } = await this.#call('GET', `/schemas/ids/${id}`, undefined, about)
      if (status === 404) {
        throw unknownSchema(id)
      }
      if (status !== 200) throw refusal(status, body, about)
      return avroText(body, about)
    })
  }

  register(subject: string, schema: string): Promise<number> {
    return this.#once(`register ${subject} ${schema}`, async () => {
      const about = `registering a schema under ${subject}`
      const path = `/subjects/${encodeURIComponent(subject)}/versions`
      const { status, body } = await this.#call('POST', path, { schema }, about)
      if (status !== 200) throw refusal(status, body, about)
      return idOf(body, about)
    })
  }

  lookUp(subject: string, schema: string): Promise<number> {
    return this.#once(`lookUp ${subject} ${schema}`, async () => {
      const about = `looking up the schema of ${subject}`
      const { status, body } = await this.#call('POST', `/subjects/${encodeURIComponent(subject)}`, { schema }, about)
      if (status === 404) {
        throw schemaNotRegistered(subject)
      }
      if (status !== 200) throw refusal(status, body, about)
      return idOf(body, about)
    })
  }

  async versions(subject: string): Promise<readonly RegisteredSchema[]> {
    const about = `the versions of ${subject}`
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    const { status, body } = await this.#call('GET', path, undefined, about)
    if (status === 404) return []
    if (status !== 200 || !Array.isArray(body)) throw refusal(status, body, about)
    const found = await Promise.all(body.map((version) => this.#version(`${path}/${Number(version)}`, about)))
    return found.filter((each) => each !== undefined)
  }

  /** Undefined for a version that is of no use to us. */
  async #version(path: string, about: string): Promise<RegisteredSchema | undefined> {
    const { status, body } = await this.#call('GET', path, undefined, about)
    if (status === 404) return undefined
    if (status !== 200) throw refusal(status, body, about)
    return isPlainAvro(body) ? { id: idOf(body, about), schema: avroText(body, about) } : undefined
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#agent.destroy()
  }

  /** Asks once for all callers; only success is kept. */
  #once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#known.get(question) as Promise<T> | undefined
    if (known !== undefined) return known
    const asked = ask()
    this.#known.set(question, asked)
    asked.catch(() => this.#known.delete(question))
    return asked
  }

  /** Tries again what may pass, until the deadline. */
  async #call(method: Dispatcher.HttpMethod, path: string, body: unknown, about: string): Promise<Answer> {
    const deadlineMs = this.clock.monotonicMs() + this.#config.deadlineMs
    const backoff = new Backoff(retryBackoff)
    for (;;) {
      try {
        const leftMs = deadlineMs - this.clock.monotonicMs()
        return await this.#attempt(method, path, body, Math.min(leftMs, this.#config.requestTimeoutMs))
      } catch (error) {
        const waitMs = backoff.nextMs()
        const isOver = this.#closed || this.clock.monotonicMs() + waitMs >= deadlineMs
        if (isOver) throw unavailable(about, this.#config.url, error)
        await this.clock.sleep(waitMs)
      }
    }
  }

  /**
   * One request. Rejects with a retriable error for statuses that may pass, and for answers that cannot be a
   * registry's.
   */
  async #attempt(method: Dispatcher.HttpMethod, path: string, body: unknown, timeoutMs: number): Promise<Answer> {
    const abort = new AbortController()
    const timer = this.clock.setTimer(timeoutMs, () => abort.abort())
    try {
      const answer = await request(`${this.#config.url}${path}`, {
        method,
        headers: this.#config.headers,
        body: body === undefined ? null : JSON.stringify(body),
        dispatcher: this.#agent,
        signal: abort.signal,
      })
      const text = await answer.body.text()
      const { statusCode: status } = answer
      if (status >= 500 || passingStatuses.has(status)) throw temporary(`it answered ${status}`)
      const answered = parsed(text, status)
      if (status >= 300 && refusals[status] === undefined && !isReasoned(answered)) {
        throw temporary(`it answered ${status}, which is not the answer of a schema registry: check its url`)
      }
      return { status, body: answered }
    } catch (cause) {
      if (abort.signal.aborted) throw temporary(`it did not answer within ${timeoutMs} ms`)
      if (consequenceOf(cause) === 'retriable') throw cause
      throw temporary(errorMessage(cause), cause)
    } finally {
      timer.cancel()
    }
  }
}

export function unknownSchema(id: number): MillraceError {
  const message = `the schema registry knows no schema id ${id}: the record was written with another registry`
  return new MillraceError('UNKNOWN_SCHEMA', 'record', message)
}

export function schemaNotRegistered(subject: string): MillraceError {
  const message = `the schema is not registered under subject ${subject}: register it, or set register: true`
  return new MillraceError('SCHEMA_NOT_REGISTERED', 'fatal', message)
}

/** Throws INVALID_OPTION for an address that is not usable. */
function compile(options: SchemaRegistryOptions): Config {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    const fix = 'give an http or https address, and credentials as basicAuth'
    throw new MillraceError('INVALID_OPTION', 'fatal', `url of the schema registry is not usable: ${fix}`)
  }
  const { basicAuth } = options
  const credentials = basicAuth && Buffer.from(`${basicAuth.username}:${basicAuth.password}`).toString('base64')
  return Object.freeze({
    url: url.href.replace(/\/+$/, ''),
    headers: Object.freeze({
      accept: `${contentType}, application/json`,
      'content-type': contentType,
      ...(credentials !== undefined && { authorization: `Basic ${credentials}` }),
    }),
    requestTimeoutMs: options.requestTimeoutMs ?? 5_000,
    deadlineMs: options.deadlineMs ?? 30_000,
  })
}

/**
 * Somebody else refuses without a reason, as a proxy whose registry is unreachable: 404 then says nothing about a
 * schema.
 */
function isReasoned(body: unknown): boolean {
  return typeof (body as { error_code?: unknown } | null | undefined)?.error_code === 'number'
}

function parsed(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    if (status >= 400) return undefined
    throw temporary('its answer is not JSON')
  }
}

function temporary(problem: string, cause?: unknown): MillraceError {
  return new MillraceError('REGISTRY_UNAVAILABLE', 'retriable', problem, { cause })
}

function unavailable(about: string, url: string, cause: unknown): MillraceError {
  const message = `${about}: the schema registry at ${url} cannot be reached: ${errorMessage(cause)}`
  return new MillraceError('REGISTRY_UNAVAILABLE', 'retriable', message, { cause })
}

/** Statuses with one meaning in the API of registries; any other is REGISTRY_REFUSED. */
const refusals: Readonly<Record<number, readonly [code: ErrorCode, meaning: string]>> = {
  401: ['REGISTRY_AUTHORIZATION', 'it refused the credentials: check basicAuth'],
  403: ['REGISTRY_AUTHORIZATION', 'this user has no right to do that'],
  409: ['INCOMPATIBLE_SCHEMA', 'the schema is not compatible with the versions before it'],
  422: ['INVALID_SCHEMA', 'it cannot read the schema'],
}

function refusal(status: number, body: unknown, about: string): MillraceError {
  const [code, meaning] = refusals[status] ?? ['REGISTRY_REFUSED', `it answered ${status}`]
  const reason = (body as { message?: unknown } | undefined)?.message
  const told = typeof reason === 'string' ? ` (${reason.slice(0, 500)})` : ''
  return new MillraceError(code, 'fatal', `${about}: the schema registry refused it: ${meaning}${told}`)
}

function idOf(body: unknown, about: string): number {
  const id = (body as { id?: unknown } | null)?.id
  if (typeof id === 'number' && Number.isInteger(id)) return id
  throw new MillraceError('REGISTRY_REFUSED', 'fatal', `${about}: the schema registry answered without an id`)
}

/** JSON Schema, Protobuf, and schemas that refer to others are not supported. */
function isPlainAvro(body: unknown): boolean {
  const { schema, schemaType, references } = (body ?? {}) as Readonly<Record<string, unknown>>
  const refersToOthers = Array.isArray(references) && references.length > 0
  return typeof schema === 'string' && (schemaType ?? 'AVRO') === 'AVRO' && !refersToOthers
}

function avroText(body: unknown, about: string): string {
  if (isPlainAvro(body)) return (body as { schema: string }).schema
  const message = `${about}: the schema is not Avro, or refers to other schemas: register it as one complete Avro schema`
  throw new MillraceError('UNSUPPORTED_SCHEMA', 'record', message)
}
