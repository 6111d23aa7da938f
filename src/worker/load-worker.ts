import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorCode, errorMessage, MillraceError, thrownAt } from '../core/errors.ts'
import type { TopologyDefinition } from '../dsl/define-topology.ts'
import type { ServiceDefinition } from './service-definition.ts'
import type { WorkerDefinition } from './worker-definition.ts'

/** What a process can run. */
export type Runnable = WorkerDefinition | ServiceDefinition

/**
 * Imports a module and returns the worker that it exports: its default export, or else its only export that is one. A
 * plain topology is a worker that has no settings of its own. Rejects with WORKER_MODULE, which names the file and the
 * fix.
 */
export async function loadWorker(path: string, directory: string): Promise<WorkerDefinition> {
  const runnable = await loadRunnable(path, directory)
  if (!isService(runnable)) return runnable
  throw refused(
    workerFile(path, directory),
    `exports the service ${runnable.name}, which has no topology: only millrace run on a Kafka takes it`,
  )
}

/** As `loadWorker`; a service, which has no topology, is one too. */
export async function loadRunnable(path: string, directory: string): Promise<Runnable> {
  const file = workerFile(path, directory)
  const exported = await importModule(file)
  const first = runnableOf(exported.default)
  if (first !== undefined) return first
  const found = Object.entries(exported).flatMap(([name, value]) => {
    const worker = runnableOf(value)
    return worker === undefined ? [] : [{ name, worker }]
  })
  const [only] = found
  if (only === undefined)
    throw refused(
      file,
      'exports no topology: export the result of defineTopology or defineWorker, preferably as the default',
    )
  if (found.length > 1)
    throw refused(
      file,
      `exports several topologies (${found.map(({ name }) => name).join(', ')}): export one as the default`,
    )
  return only.worker
}

/** The file of a module that a person names. */
export function workerFile(path: string, directory: string): string {
  return isAbsolute(path) ? path : resolve(directory, path)
}

async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (cause) {
    throw refused(file, `${reasonOf(cause)}`, cause)
  }
}

function reasonOf(cause: unknown): string {
  switch (errorCode(cause)) {
    case 'ERR_MODULE_NOT_FOUND':
      return `cannot be imported: ${errorMessage(cause)}; check the path, and that its packages are installed`
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return `cannot be imported: Node ${process.versions.node} does not read TypeScript; use Node 22.18 or later, or name the compiled file`
    default:
      return `threw while it was imported: ${errorMessage(cause)} (${thrownAt(cause) ?? 'no place known'})`
  }
}

/** A worker as it is; a plain topology as one that has no settings of its own. Throws WORKER_MODULE for anything else. */
export function asWorker<Own extends object>(value: WorkerDefinition<Own> | TopologyDefinition): WorkerDefinition {
  const worker = workerOf(value)
  if (worker === undefined)
    throw refused('the given value', 'is not a worker: pass the result of defineTopology or defineWorker')
  return worker
}

/** As `asWorker`; a service as it is. */
export function asRunnable<Own extends object>(
  value: WorkerDefinition<Own> | ServiceDefinition<Own> | TopologyDefinition,
): Runnable {
  const runnable = runnableOf(value)
  if (runnable === undefined)
    throw refused(
      'the given value',
      'is not a worker: pass the result of defineTopology, defineWorker or defineService',
    )
  return runnable
}

export function isService(runnable: Runnable): runnable is ServiceDefinition {
  return 'start' in runnable
}

function runnableOf(value: unknown): Runnable | undefined {
  const { name, start } = (value ?? {}) as Partial<ServiceDefinition>
  if (typeof name === 'string' && typeof start === 'function') return value as ServiceDefinition
  return workerOf(value)
}

/** The packages of a module and of the command may be two copies, so nothing is matched by class. */
function workerOf(value: unknown): WorkerDefinition | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { name, build, topology } = value as Partial<TopologyDefinition & WorkerDefinition>
  if (typeof name !== 'string') return undefined
  if (typeof topology === 'function') return value as WorkerDefinition
  if (typeof build === 'function') return { name, topology: () => value as TopologyDefinition }
  return undefined
}

function refused(subject: string, fault: string, cause?: unknown): MillraceError {
  return new MillraceError('WORKER_MODULE', 'fatal', `${subject} ${fault}`, cause === undefined ? {} : { cause })
}
