import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A frame of Kafka's protocol as it passes: its length prefix included. */
type Frame = Buffer

export interface Passage {
  readonly apiKey: number
  readonly apiVersion: number
  /** How many requests of this API key have passed before, on all connections. */
  readonly index: number
}

/** What happens to a frame: it passes, perhaps late or changed, or its connection is cut, or it vanishes. */
export type Verdict = 'pass' | 'cut' | 'swallow' | { readonly delayMs: number } | { readonly replaceBy: Frame }

type Judge = (passage: Passage, frame: Frame) => Verdict

/**
 * A proxy in front of one broker that reads the protocol as far as to know which request is which. Start the broker
 * with `advertised.listeners` at `port`, else clients go past the proxy after their first metadata.
 */
export class TcpProxy {
  readonly #server: Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #connections = new Set<ProxiedConnection>()
  readonly #counts = new Map<number, number>()
  #judgeRequest: Judge = () => 'pass'
  #judgeResponse: Judge = () => 'pass'
  #isBlackHole = false
  /** Connections that were accepted so far. */
  accepted = 0

  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: false }, (client) => this.#accept(client))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#connections.size
  }

  /** Requests of an API key that reached the proxy. */
  requestsOf(apiKey: number): number {
    return this.#counts.get(apiKey) ?? 0
  }

  get totalRequests(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  onRequest(judge: Judge): void {
    this.#judgeRequest = judge
  }

  onResponse(judge: Judge): void {
    this.#judgeResponse = judge
  }

  /**
   * Cuts the connection at the next request of the API key, once. `at: 'response'`: the broker has acted on it, the
   * answer is lost. Resolves when it happened.
   */
  cutNext(apiKey: number, at: 'request' | 'response'): Promise<void> {
    return new Promise((resolve) => {
      let isDone = false
      const judge: Judge = (passage) => {
        if (isDone || passage.apiKey !== apiKey) return 'pass'
        isDone = true
        resolve()
        return 'cut'
      }
      if (at === 'request') this.onRequest(judge)
      else this.onResponse(judge)
    })
  }

  /** Every open connection ends at once. */
  cutAll(): void {
    for (const connection of this.#connections) connection.cut()
  }

  /** As `cutAll`, with a reset instead of an orderly end. */
  resetAll(): void {
    for (const connection of this.#connections) connection.reset()
  }

  /** Bytes are taken and go nowhere, on old connections and new ones, until `heal`. */
  blackHole(): void {
    this.#isBlackHole = true
  }

  /** Passes everything again; connections that lost bytes are cut. */
  heal(): void {
    this.onRequest(() => 'pass')
    this.onResponse(() => 'pass')
    if (this.#isBlackHole) this.cutAll()
    this.#isBlackHole = false
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.cutAll()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    this.accepted++
    const connection = new ProxiedConnection(client, connect(this.#target), {
      isBlackHole: () => this.#isBlackHole,
      count: (apiKey) => {
        const index = this.requestsOf(apiKey)
        this.#counts.set(apiKey, index + 1)
        return index
      },
      judgeRequest: (passage, frame) => this.#judgeRequest(passage, frame),
      judgeResponse: (passage, frame) => this.#judgeResponse(passage, frame),
      onEnd: () => void this.#connections.delete(connection),
    })
    this.#connections.add(connection)
  }
}

interface ProxyRules {
  isBlackHole(): boolean
  count(apiKey: number): number
  judgeRequest: Judge
  judgeResponse: Judge
  onEnd(): void
}

class ProxiedConnection {
  readonly #client: Socket
  readonly #broker: Socket
  readonly #rules: ProxyRules
  readonly #passages = new Map<number, Passage>()
  #hasEnded = false

  constructor(client: Socket, broker: Socket, rules: ProxyRules) {
    this.#client = client
    this.#broker = broker
    this.#rules = rules
    this.#pipe(client, broker, (frame) => this.#judgeRequest(frame))
    this.#pipe(broker, client, (frame) => this.#judgeResponse(frame))
    for (const socket of [client, broker]) {
      socket.on('error', () => this.cut())
      socket.on('close', () => this.cut())
    }
  }

  cut(): void {
    this.#end((socket) => socket.destroy())
  }

  reset(): void {
    this.#end((socket) => socket.resetAndDestroy())
  }

  #end(close: (socket: Socket) => void): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    close(this.#client)
    close(this.#broker)
    this.#rules.onEnd()
  }

  #pipe(from: Socket, to: Socket, judge: (frame: Frame) => Verdict): void {
    let buffered = Buffer.alloc(0)
    let turn: Promise<void> = Promise.resolve()
    from.on('data', (chunk: Buffer) => {
      if (this.#rules.isBlackHole()) return
      buffered = Buffer.concat([buffered, chunk])
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const end = 4 + buffered.readInt32BE(0)
        const frame = buffered.subarray(0, end)
        buffered = buffered.subarray(end)
        turn = turn.then(() => this.#pass(frame, to, judge))
      }
    })
  }

  async #pass(frame: Frame, to: Socket, judge: (frame: Frame) => Verdict): Promise<void> {
    if (this.#hasEnded) return
    const verdict = judge(frame)
    if (verdict === 'cut') return this.cut()
    if (verdict === 'swallow') return
    if (typeof verdict === 'object' && 'delayMs' in verdict) {
      await new Promise((resolve) => setTimeout(resolve, verdict.delayMs))
    }
    const passed = typeof verdict === 'object' && 'replaceBy' in verdict ? verdict.replaceBy : frame
    if (!this.#hasEnded) to.write(passed)
  }

  #judgeRequest(frame: Frame): Verdict {
    const apiKey = frame.readInt16BE(4)
    const passage = { apiKey, apiVersion: frame.readInt16BE(6), index: this.#rules.count(apiKey) }
    this.#passages.set(frame.readInt32BE(8), passage)
    return this.#rules.judgeRequest(passage, frame)
  }

  #judgeResponse(frame: Frame): Verdict {
    const correlationId = frame.readInt32BE(4)
    const passage = this.#passages.get(correlationId)
    this.#passages.delete(correlationId)
    return passage === undefined ? 'pass' : this.#rules.judgeResponse(passage, frame)
  }
}
