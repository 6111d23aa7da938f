import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP server on a free port of the loopback interface that can be told to fail. */
export abstract class FaultyServer<Fault> {
  /** Requests that may fail, good or bad. */
  requests = 0
  readonly #faults: Fault[] = []
  #standing: ((path: string) => Fault | undefined) | undefined
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => this.serve(request, response, Buffer.concat(chunks)))
  })

  protected abstract serve(request: IncomingMessage, response: ServerResponse, body: Buffer): void

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The next `times` requests that may fail meet this fault. */
  fail(fault: Fault, times = 1): void {
    for (let count = 0; count < times; count++) this.#faults.push(fault)
  }

  /** Every request that may fail meets this fault, until it is taken back with undefined. */
  failAlways(fault: Fault | undefined): void {
    this.failBy(fault === undefined ? undefined : () => fault)
  }

  /** As `failAlways`, where the path says which fault a request meets, or none. */
  failBy(faultOf: ((path: string) => Fault | undefined) | undefined): void {
    this.#standing = faultOf
  }

  /** Counts a request that may fail; the fault that it meets. */
  protected nextFault(path: string): Fault | undefined {
    this.requests++
    return this.#faults.shift() ?? this.#standing?.(path)
  }

  cutConnections(): void {
    this.#server.closeAllConnections()
  }

  async stop(): Promise<void> {
    this.cutConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
