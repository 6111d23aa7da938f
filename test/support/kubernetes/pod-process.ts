import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'

/** A container as the API has it, with what of it the stand-in heeds. */
export interface Container {
  readonly name: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly EnvironmentEntry[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly lifecycle?: { readonly preStop?: { readonly exec?: { readonly command: readonly string[] } } }
}

export interface EnvironmentEntry {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string }
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean }
  }
}

/** What stands for every image. */
export interface Image {
  /** The programs that containers name are below it. */
  readonly folder: string
  /** What runs when a container has no command. */
  readonly entryPoint: readonly string[]
}

export interface ContainerPlace {
  readonly image: Image
  /** Its log goes there. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** A path in the container as a path of this machine; other texts stay as they are. */
  readonly inPlace: (text: string) => string
}

/** One run of a container as a process on this machine. */
export class ContainerProcess {
  readonly container: Container
  readonly #place: ContainerPlace
  readonly #child: ChildProcess
  readonly exited: Promise<number>
  exitCode: number | undefined

  constructor(container: Container, place: ContainerPlace) {
    this.container = container
    this.#place = place
    this.#child = this.#spawn([...(container.command ?? place.image.entryPoint), ...(container.args ?? [])])
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code) => {
        this.exitCode = code ?? 137
        resolve(this.exitCode)
      })
    })
  }

  /** `preStop`, SIGTERM, and SIGKILL when the time is over; resolves to the exit code. */
  async stop(graceMs: number): Promise<number> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs)
    const hook = this.container.lifecycle?.preStop?.exec?.command
    if (hook !== undefined && this.exitCode === undefined) {
      const process = this.#spawn(hook)
      await Promise.race([new Promise((resolve) => process.once('exit', resolve)), this.exited])
    }
    this.#child.kill('SIGTERM')
    const code = await this.exited
    clearTimeout(timer)
    return code
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  #spawn([program = '', ...args]: readonly string[]): ChildProcess {
    const { image, folder, environment, inPlace } = this.#place
    const child = spawn(program === 'node' ? process.execPath : program, args.map(inPlace), {
      cwd: image.folder,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(join(folder, `${this.container.name}.log`), { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    return child
  }
}
