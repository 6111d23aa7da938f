import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { createGunzip } from 'node:zlib'
import { until } from '../../support/until.ts'

export interface StreamedLine {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timeMs: number
  readonly log: Readonly<Record<string, unknown>>
  readonly count?: number
}

export interface StreamedEvent {
  readonly type: string
  readonly id: string
  readonly data: {
    readonly sequence?: number
    readonly lines?: readonly StreamedLine[]
    readonly notShown: { readonly rate: number; readonly filter: number; readonly buffer: number }
    readonly reason?: string
    readonly records?: number
    readonly code?: string
  }
}

/** A client of server-sent events that keeps what it got. */
export class StreamClient {
  readonly events: StreamedEvent[] = []
  readonly response: IncomingMessage
  /** Bytes as they came, compressed or not. */
  byteLength = 0
  hasEnded = false
  #rest = ''

  private constructor(response: IncomingMessage) {
    this.response = response
    response.on('data', (bytes: Buffer) => (this.byteLength += bytes.length))
    const body = response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response
    body.setEncoding('utf8')
    body.on('data', (text: string) => this.#read(text))
    body.on('error', () => {})
    body.once('close', () => (this.hasEnded = true))
  }

  static async open(port: number, query = '', headers: OutgoingHttpHeaders = {}): Promise<StreamClient> {
    const path = `/logs/stream${query === '' ? '' : `?${query}`}`
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      get({ port, path, headers, agent: false }, resolve).once('error', reject),
    )
    return new StreamClient(response)
  }

  get lines(): readonly StreamedLine[] {
    return this.events.flatMap(({ data }) => data.lines ?? [])
  }

  get messages(): readonly unknown[] {
    return this.lines.map(({ log }) => log.message)
  }

  /** Where to go on. */
  get place(): string {
    return this.events.at(-1)?.id ?? ''
  }

  /** Resolves when so many lines have come. */
  async received(lines: number): Promise<void> {
    await until(() => this.lines.length >= lines, 20_000, `${lines} lines`)
  }

  /** Resolves when an event of the type has come. */
  async told(type: string): Promise<StreamedEvent> {
    const find = () => this.events.find((event) => event.type === type)
    await until(() => find() !== undefined, 20_000, `the event ${type}`)
    return find() as StreamedEvent
  }

  close(): void {
    this.response.destroy()
  }

  #read(text: string): void {
    const parts = (this.#rest + text).split('\n\n')
    this.#rest = parts.pop() ?? ''
    for (const part of parts) {
      const fields = new Map(
        part.split('\n').map((line) => [line.split(':', 1)[0] ?? '', line.replace(/^[^:]*: ?/, '')]),
      )
      this.events.push({
        type: fields.get('event') ?? '',
        id: fields.get('id') ?? '',
        data: JSON.parse(fields.get('data') ?? 'null') as StreamedEvent['data'],
      })
    }
  }
}

/** The answer to a request that is refused. */
export async function refusal(
  port: number,
  path: string,
  headers: OutgoingHttpHeaders = {},
  method = 'GET',
): Promise<{ readonly status: number | undefined; readonly body: Readonly<Record<string, unknown>> }> {
  const { request } = await import('node:http')
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    request({ port, path, headers, method, agent: false }, resolve).once('error', reject).end(),
  )
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += String(part)
  return { status: response.statusCode, body: JSON.parse(text) as Record<string, unknown> }
}
