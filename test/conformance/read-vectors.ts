import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Vector } from './vector.ts'

/** The project's own scenarios; a built program stands one folder deeper than its source. */
export function vectorFolder(): string {
  const places = ['./vectors/', '../../../test/conformance/vectors/']
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((place) => existsSync(place))
  if (found === undefined) throw new Error('test/conformance/vectors is missing: it belongs to the repository')
  return found
}

/** Files of scenarios in a folder and the folders below, or the file itself; sorted. */
export function vectorFiles(path: string = vectorFolder()): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory()) return vectorFiles(join(path, entry.name))
      return /\.jsonl(\.gz)?$/.test(entry.name) ? [join(path, entry.name)] : []
    })
}

export function readVectors(file: string): readonly Vector[] {
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Vector)
}
