import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Vector } from './vector.ts'

const folder = new URL('./vectors/', import.meta.url)

/** Files of scenarios that are there, without their endings; one a family, and the random ones. */
export function vectorFiles(): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl.gz'))
    .map((file) => file.slice(0, -'.jsonl.gz'.length))
    .sort()
}

export function readVectors(file: string): readonly Vector[] {
  const text = gunzipSync(readFileSync(new URL(`${file}.jsonl.gz`, folder))).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Vector)
}
