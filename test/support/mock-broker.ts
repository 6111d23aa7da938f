import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Reader } from '../../src/kafka/wire/protocol/reader.ts'
import { Writer } from '../../src/kafka/wire/protocol/writer.ts'

export const apiKeys = Object.freeze({
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetCommit: 8,
  offsetFetch: 9,
  findCoordinator: 10,
  heartbeat: 12,
  apiVersions: 18,
})

/** Of a topic for which a test names none. */
export const mockTopicId = 'AAAAAAAAAAAAAAAAAAAAAQ'

export interface MockRequest {
  readonly apiKey: number
  readonly version: number
  readonly body: Reader
  readonly socket: Socket
}

/** Writes the body of the answer; undefined leaves the request unanswered. */
export type MockAnswer = (writer: Writer, request: MockRequest) => void
type Handler = (request: MockRequest) => MockAnswer | undefined | Promise<MockAnswer | undefined>

export interface MockTopic {
  readonly name: string
  readonly topicId?: string
  readonly partitions: readonly { readonly leader: number; readonly epoch?: number }[]
}

/** What every mock offers, each in one version whose answers are simple to write. */
const offered: ReadonlyMap<number, number> = new Map([
  [apiKeys.produce, 9],
  [apiKeys.fetch, 13],
  [apiKeys.listOffsets, 7],
  [apiKeys.metadata, 12],
  [apiKeys.offsetCommit, 8],
  [apiKeys.findCoordinator, 4],
  [apiKeys.heartbeat, 4],
  [apiKeys.apiVersions, 3],
])

/** A broker as far as a test has written it: frames over TCP, no log behind. Knows versions and metadata by itself. */
export class MockBroker {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #handlers = new Map<number, Handler>()
  readonly offered = new Map(offered)
  topics: readonly MockTopic[] = []
  nodes: readonly MockBroker[] = [this]
  nodeId = 1
  accepted = 0
  /** Stays what it was after `stop`: another node may still tell clients of this one. */
  port = 0
  readonly #counts = new Map<number, number>()

  static async start(nodeId = 1): Promise<MockBroker> {
    const broker = new MockBroker()
    broker.nodeId = nodeId
    broker.#server.listen(0, '127.0.0.1')
    await once(broker.#server, 'listening')
    broker.port = (broker.#server.address() as AddressInfo).port
    return broker
  }

  private constructor() {
    this.#server = createServer((socket) => this.#accept(socket))
    this.on(apiKeys.apiVersions, () => (writer) => this.#versions(writer))
    this.on(apiKeys.metadata, () => this.metadataAnswer())
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  on(apiKey: number, handler: Handler): void {
    this.#handlers.set(apiKey, handler)
  }

  /** Requests are taken and never answered. */
  silence(...keys: readonly number[]): void {
    for (const key of keys) this.on(key, () => undefined)
  }

  requestsOf(apiKey: number): number {
    return this.#counts.get(apiKey) ?? 0
  }

  /** What is known of nodes and topics when it is written. */
  metadataAnswer(errorCode = 0): MockAnswer {
    return (writer, { version }) => {
      writer.int32(0)
      writer.compactArray([...this.nodes], writeNode, version)
      writer.nullableCompactString('mock')
      writer.int32(this.nodeId)
      writer.compactArray([...this.topics], writeTopic, version)
      if (version >= 13) writer.int16(errorCode)
      writer.uvarint(0)
    }
  }

  /** Whatever comes is answered by bytes that are neither TLS nor Kafka. */
  speakPlainly(): void {
    this.#server.removeAllListeners('connection')
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('data', () => void socket.write('what?'))
    })
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.cutAll()
    await once(this.#server, 'close')
  }

  #accept(socket: Socket): void {
    this.accepted++
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => void this.#sockets.delete(socket))
    let buffered: Buffer = Buffer.alloc(0)
    let turn = Promise.resolve()
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk])
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const end = 4 + buffered.readInt32BE(0)
        const frame = buffered.subarray(4, end)
        buffered = buffered.subarray(end)
        turn = turn.then(() => this.#serve(socket, frame))
      }
    })
  }

  async #serve(socket: Socket, frame: Buffer): Promise<void> {
    const body = new Reader(frame)
    const apiKey = body.int16()
    const version = body.int16()
    const correlationId = body.int32()
    body.nullableString()
    body.skipTags()
    this.#counts.set(apiKey, this.requestsOf(apiKey) + 1)
    const answer = await this.#handlers.get(apiKey)?.({ apiKey, version, body, socket })
    if (answer === undefined) return
    const writer = new Writer()
    writer.int32(0)
    writer.int32(correlationId)
    if (apiKey !== apiKeys.apiVersions) writer.uvarint(0)
    answer(writer, { apiKey, version, body, socket })
    const bytes = writer.finish()
    bytes.writeInt32BE(bytes.length - 4, 0)
    if (!socket.destroyed) socket.write(bytes)
  }

  #versions(writer: Writer): void {
    writer.int16(0)
    writer.compactArray(
      [...this.offered],
      (each, _version, [key, version]) => {
        each.int16(key)
        each.int16(version)
        each.int16(version)
        each.uvarint(0)
      },
      3,
    )
    writer.int32(0)
    writer.uvarint(0)
  }
}

function writeNode(writer: Writer, _version: number, broker: MockBroker): void {
  writer.int32(broker.nodeId)
  writer.compactString('127.0.0.1')
  writer.int32(broker.port)
  writer.nullableCompactString(null)
  writer.uvarint(0)
}

function writeTopic(writer: Writer, version: number, topic: MockTopic): void {
  writer.int16(0)
  writer.nullableCompactString(topic.name)
  writer.uuid(topic.topicId ?? mockTopicId)
  writer.bool(false)
  writer.compactArray(
    topic.partitions.map((partition, index) => ({ ...partition, index })),
    writePartition,
    version,
  )
  writer.int32(0)
  writer.uvarint(0)
}

function writePartition(
  writer: Writer,
  _version: number,
  { leader, epoch, index }: { leader: number; epoch?: number; index: number },
): void {
  writer.int16(0)
  writer.int32(index)
  writer.int32(leader)
  writer.int32(epoch ?? 1)
  for (let list = 0; list < 3; list++) writer.uvarint(1)
  writer.uvarint(0)
}
