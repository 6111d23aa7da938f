import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { helmProgram, kubeconformProgram, readYaml, schemaOptions } from '../../../scripts/helm/tools.mjs'

export const chart = join(import.meta.dirname, '../../../helm/millrace')
export const everyOption = join(import.meta.dirname, 'every-option.yaml')

export interface Outcome {
  readonly status: number | null
  /** What it printed to its standard output. */
  readonly output: string
  /** What it said when it failed. */
  readonly errors: string
}

/** An object as the chart makes it; tests look into it by path. */
export type Manifest = Readonly<Record<string, unknown>> & {
  readonly kind: string
  readonly metadata: { readonly name: string }
}

export function run(program: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 120_000 })
  return { status, output: stdout, errors: stderr }
}

/** `settings` as `--set-json` takes them; the name of a values file may be among them. */
export function template(...settings: readonly string[]): Outcome {
  const options = settings.flatMap((setting) =>
    setting.endsWith('.yaml') ? ['--values', setting] : ['--set-json', setting],
  )
  return run(helmProgram(), ['template', 'fleet', chart, '--kube-version', '1.35.0', ...options])
}

/** The objects that these settings make, read back; throws what helm said when it refused them. */
export function render(...settings: readonly string[]): readonly Manifest[] {
  const { status, output, errors } = template(...settings)
  if (status !== 0) throw new Error(errors)
  return readYaml([temporaryFile(output)]) as unknown as Manifest[]
}

/**
 * What a validator that knows every field finds, by the name given to the manifests; those without a fault are left out.
 * One call for all of them, because it reads the schemas again each time.
 */
export function faults(manifests: ReadonlyMap<string, string>, kubernetes: string): Record<string, string> {
  const names = [...manifests.keys()]
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chart-'))
  for (const [index, text] of [...manifests.values()].entries()) writeFileSync(join(folder, `${index}.yaml`), text)
  const { output } = run(kubeconformProgram(), [...schemaOptions(kubernetes), '-output', 'json', folder])
  const { resources } = JSON.parse(output) as { resources: { filename: string; status: string; msg: string }[] }
  return Object.fromEntries(
    resources
      .filter(({ status }) => status !== 'statusValid')
      .map(({ filename, msg }) => [names[Number.parseInt(basename(filename), 10)], msg]),
  )
}

export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)
  if (found === undefined) {
    const made = manifests.map((manifest) => `${manifest.kind}/${manifest.metadata.name}`)
    throw new Error(`no ${kind}/${name} among ${made.join(', ')}`)
  }
  return found
}

/** The value at a path such as `spec.template.spec.containers.0.args`. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner: unknown, key) => (inner as Record<string, unknown> | undefined)?.[key], value)
}

function temporaryFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'millrace-chart-')), 'manifests.yaml')
  writeFileSync(file, text)
  return file
}
