import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the gate does with requests: lets them through to the registry, answers an error, or never answers. */
export type GateMode = 'open' | 'broken' | 'silent'

/** A reverse proxy in front of a real registry, as operations put there: it counts, it fails when told to, it asks for a password. */
export interface RegistryGate {
  readonly url: string
  /** Requests that came, as `GET /schemas/ids/1`. */
  readonly requests: string[]
  mode: GateMode
  /** Goes back to `open` after so many requests. */
  failNext(count: number): void
  close(): Promise<void>
}

export interface GateOptions {
  readonly registryUrl: string
  readonly authorization?: string
  readonly tls?: { readonly key: string; readonly cert: string }
}

export async function openRegistryGate({ registryUrl, authorization, tls }: GateOptions): Promise<RegistryGate> {
  let failures = 0
  const handle = (incoming: IncomingMessage, answer: ServerResponse): void => {
    gate.requests.push(`${incoming.method} ${incoming.url}`)
    if (gate.mode === 'silent') return
    if (gate.mode === 'broken' || failures > 0) {
      failures--
      answer.writeHead(503).end('<html>down for maintenance</html>')
      return
    }
    if (authorization !== undefined && incoming.headers.authorization !== authorization) {
      answer.writeHead(401).end('{"error_code":401,"message":"who are you"}')
      return
    }
    const { authorization: _, host: __, ...headers } = incoming.headers
    const forward = request(`${registryUrl}${incoming.url}`, { method: incoming.method, headers }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers)
      from.pipe(answer)
    })
    forward.on('error', () => answer.destroy())
    incoming.pipe(forward)
  }
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const gate: RegistryGate = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests: [],
    mode: 'open',
    failNext(count) {
      failures = count
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return gate
}

/** A certificate for 127.0.0.1 that signs itself. */
export function selfSignedCertificate(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-certificate-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const options = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ]
  execFileSync('openssl', options, { stdio: 'ignore' })
  const texts = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return texts
}
