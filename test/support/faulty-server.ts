import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP server on a free port of the loopback interface that can be told to fail. */
export abstract class FaultyServer<Fault> {
  /** Requests that may fail, good or bad. */
  requests = 0
  readonly #faults: Fault[] = []
  #standing: ((path: string, body: Buffer) => Fault | undefined) | undefined
  #body = Buffer.alloc(0)
  #port = 0
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      this.#body = Buffer.concat(chunks)
      this.serve(request, response, this.#body)
    })
  })

  protected abstract serve(request: IncomingMessage, response: ServerResponse, body: Buffer): void

  /** On a port of its own, or on that of before. */
  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
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

  /** As `failBy`, by what a request says. */
  failByBody(faultOf: ((body: Buffer) => Fault | undefined) | undefined): void {
    this.#standing = faultOf && ((_, body) => faultOf(body))
  }

  /** Counts a request that may fail; the fault that it meets. */
  protected nextFault(path: string): Fault | undefined {
    this.requests++
    return this.#faults.shift() ?? this.#standing?.(path, this.#body)
  }

  cutConnections(): void {
    this.#server.closeAllConnections()
  }

  async stop(): Promise<void> {
    this.cutConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
