import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { cacheFolder, packageRoot } from '../../scripts/lab/folders.mjs'
import { findOnPath } from '../../scripts/lab/java.mjs'
import { fillOnce } from '../../scripts/lab/maven.mjs'
import type { PeerMessage, PeerRecord } from './kafkajs-peer.ts'

const folder = (): string => cacheFolder('rdkafka')
const packageFolder = (): string => join(packageRoot(), 'test', 'interop', 'rdkafka')
const nodeHome = dirname(dirname(process.execPath))
const libraryFile = 'node_modules/node-rdkafka/build/Release/node-librdkafka.node'

/** Why node-rdkafka can neither be loaded nor compiled here; undefined when it can. */
export function rdkafkaUnavailable(): string | undefined {
  if (existsSync(join(folder(), libraryFile))) return undefined
  const missing = ['python3', 'make', 'g++'].filter((name) => findOnPath(name) === undefined)
  if (missing.length > 0) return `node-rdkafka is compiled, and ${missing.join(', ')} was not found on the PATH`
  const headers = [nodeHome, join(homedir(), '.cache/node-gyp', process.versions.node)]
  if (headers.some((home) => existsSync(join(home, 'include/node/node.h')))) return undefined
  return `node-rdkafka is compiled, and Node's headers are not in ${nodeHome}/include/node`
}

/** Compiles node-rdkafka into the per-user cache, once on a machine: two minutes and more. Returns the folder. */
export async function installRdkafka(): Promise<string> {
  await fillOnce(folder(), async (temporary) => {
    console.error('compiling node-rdkafka (once, some minutes)')
    for (const name of ['package.json', 'package-lock.json']) {
      copyFileSync(join(packageFolder(), name), join(temporary, name))
    }
    const home = existsSync(join(nodeHome, 'include/node/node.h')) ? { npm_config_nodedir: nodeHome } : {}
    const { status, stderr } = spawnSync('npm', ['ci', '--foreground-scripts', '--no-audit', '--no-fund'], {
      cwd: temporary,
      encoding: 'utf8',
      env: { ...process.env, ...home },
      maxBuffer: 256 << 20,
    })
    if (status !== 0) throw new Error(`node-rdkafka could not be compiled: ${stderr.slice(-2000)}`)
  })
  return folder()
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** node-rdkafka, which is librdkafka, as the independent client of a test. */
export class RdkafkaPeer {
  readonly #bootstrap: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  #requests = 0

  private constructor(bootstrap: string, child: ChildProcess) {
    this.#bootstrap = bootstrap
    this.#child = child
    child.on('message', (message) => {
      const { id, result, error } = message as Answer
      if (error === undefined) this.#waiting.get(id)?.resolve(result)
      else this.#waiting.get(id)?.reject(new Error(error))
      this.#waiting.delete(id)
    })
    child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`node-rdkafka's process ended with ${code}`))
    })
  }

  static async connect(bootstrap: string): Promise<RdkafkaPeer> {
    await installRdkafka()
    const script = join(packageFolder(), 'peer.mjs')
    const child = fork(script, [folder()], { serialization: 'advanced', execArgv: [], env: { PATH: process.env.PATH } })
    return new RdkafkaPeer(bootstrap, child)
  }

  /** What librdkafka was compiled with: `gzip`, `zstd`, ... */
  async features(): Promise<readonly string[]> {
    return (await this.#ask('features', {})) as readonly string[]
  }

  /** Where each message went, in their order. Headers must be told as bytes or text. */
  async send(topic: string, messages: readonly PeerMessage[], codec: string) {
    const options = { bootstrap: this.#bootstrap, topic, codec, messages }
    return (await this.#ask('produce', options)) as readonly { readonly partition: number; readonly offset: number }[]
  }

  async read(topic: string, partitions: number, count: number): Promise<readonly PeerRecord[]> {
    const options = { bootstrap: this.#bootstrap, topic, partitions, count }
    const records = (await this.#ask('consume', options)) as readonly PeerRecord[]
    return records.map(({ key, value, headers, ...rest }) => ({
      ...rest,
      key: key && Buffer.from(key),
      value: value && Buffer.from(value),
      headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes ?? [])])),
    }))
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill()
    await ended
  }

  #ask(command: string, options: object): Promise<unknown> {
    const id = ++this.#requests
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ id, command, options })
    })
  }
}
