import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, packageRoot } from '../../scripts/lab/folders.mjs'

/** Peers that are libraries: small programs around them are built once for this user. */
const folder = cacheFolder('peers')
const sources = join(packageRoot(), 'bench', 'peers', 'programs')

export const benthosVersion = '4.60.0'
export const benthosProgram = join(folder, 'benthos', 'benthos-peer')
/** As in programs/vrl/Cargo.toml. */
export const vrlVersion = '0.38.0'
export const vrlProgram = join(folder, 'vrl', 'target', 'release', 'vrl-peer')

export function isBuilt(program: string): boolean {
  return existsSync(program)
}

/** Throws where a compiler is missing or fails; what it prints is shown. */
export function buildPeers(): void {
  const benthos = prepared('benthos')
  if (!existsSync(join(benthos, 'go.mod'))) run(benthos, 'go', 'mod', 'init', 'benthos-peer')
  run(benthos, 'go', 'get', `github.com/redpanda-data/benthos/v4/public/service@v${benthosVersion}`)
  run(benthos, 'go', 'mod', 'tidy')
  run(benthos, 'go', 'build', '-o', benthosProgram, '.')
  run(prepared('vrl'), 'cargo', 'build', '--release')
}

/** A copy of the program's sources, in which the compilers may write. */
function prepared(name: string): string {
  const copy = join(folder, name)
  mkdirSync(copy, { recursive: true })
  cpSync(join(sources, name), copy, { recursive: true })
  return copy
}

function run(directory: string, program: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: directory, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed in ${directory}`, { cause: error })
}
