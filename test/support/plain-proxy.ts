import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A proxy that passes bytes on and knows no protocol: a network that can be cut. */
export class PlainProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isDown = false

  static async start(targetPort: number): Promise<PlainProxy> {
    const proxy = new PlainProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      if (this.#isDown) return client.destroy()
      const target = connect({ host: '127.0.0.1', port: targetPort })
      for (const [from, to] of [
        [client, target],
        [target, client],
      ] as const) {
        this.#sockets.add(from)
        from.on('error', () => {})
        from.once('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
        from.pipe(to)
      }
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends every connection at once. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Cuts, and takes no connection until it is up again. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown
    if (isDown) this.cutAll()
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.cutAll()
    await once(this.#server, 'close')
  }
}
