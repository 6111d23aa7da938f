import { PipelineMistake } from '../pipelines/index.ts'

/** Programs whose files look like ours, and names that only theirs have at the top. */
const programs: readonly { readonly names: readonly string[]; readonly program: string }[] = Object.freeze([
  { names: ['groups'], program: 'Prometheus' },
  { names: ['route', 'receivers'], program: 'Alertmanager' },
  { names: ['type', 'alert'], program: 'ElastAlert' },
  { names: ['type', 'index'], program: 'ElastAlert' },
  { names: ['apiVersion', 'policies'], program: 'Grafana' },
  { names: ['apiVersion', 'contactPoints'], program: 'Grafana' },
])

/** A file of another program has one mistake, in place of one for each of its names. */
export function foreignFile(value: unknown): readonly PipelineMistake[] {
  if (typeof value !== 'object' || value === null) return []
  const found = programs.find(({ names }) => names.every((name) => Object.hasOwn(value, name)))
  if (found === undefined) return []
  return [
    new PipelineMistake(
      `it is a file of ${found.program}: docs/from-alertmanager.md of the package shows what becomes of it`,
    ),
  ]
}
