import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { filesSink } from '../../../src/sinks/files/files-sink.ts'
import { type SinkBench, sinkSuite, suiteBatch } from '../../../src/testing/sink-suite.ts'

sinkSuite(
  'the files sink',
  { describe, test, beforeAll, afterAll },
  {
    createBench: async () => new FilesBench(await mkdtemp(join(tmpdir(), 'millrace-files-'))),
    poison: undefined,
    isIdempotent: false,
  },
)

/** The directory is a link. Broken means that it leads to a file: links change hands in one step, whatever is opened meanwhile. */
class FilesBench implements SinkBench {
  readonly factory
  readonly #directory: string

  constructor(folder: string) {
    this.#directory = join(folder, 'out')
    mkdirSync(join(folder, 'whole'))
    writeFileSync(join(folder, 'broken'), '')
    symlinkSync('whole', this.#directory)
    this.factory = filesSink({
      name: 'files',
      directory: this.#directory,
      file: 'logs-YYYY.MM.DD.ndjson',
      batch: suiteBatch,
    })
  }

  async written(): Promise<number[]> {
    if (await this.#isBroken()) return []
    const files = await readdir(this.#directory)
    const texts = await Promise.all(files.map((file) => readFile(join(this.#directory, file), 'utf8')))
    const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '')
    return lines.map((line) => (JSON.parse(line) as { number: number }).number)
  }

  async breakTarget(): Promise<void> {
    await this.#leadTo('broken')
  }

  async healTarget(): Promise<void> {
    await this.#leadTo('whole')
  }

  async close(): Promise<void> {
    await rm(join(this.#directory, '..'), { recursive: true })
  }

  async #leadTo(name: string): Promise<void> {
    await symlink(name, `${this.#directory}.new`)
    await rename(`${this.#directory}.new`, this.#directory)
  }

  async #isBroken(): Promise<boolean> {
    return (await stat(this.#directory)).isFile()
  }
}
