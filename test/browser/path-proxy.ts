import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy that serves a live tail below a path, as nginx does with `location /tail/`. */
export class PathProxy {
  readonly #server: Server

  static async start(path: string, targetPort: number): Promise<PathProxy> {
    const proxy = new PathProxy(path, targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  private constructor(path: string, targetPort: number) {
    this.#server = createServer(({ url = '', method, headers }, response) => {
      if (!url.startsWith(path)) return response.writeHead(404).end()
      const onward = request({ port: targetPort, path: `/${url.slice(path.length)}`, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      onward.on('error', () => response.destroy())
      response.once('close', () => onward.destroy())
      onward.end()
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
