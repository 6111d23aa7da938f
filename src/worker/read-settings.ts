import { closeSync, openSync, readFileSync } from 'node:fs'
import { Ajv, type ErrorObject } from 'ajv'
import { errorCode, MillraceError } from '../core/errors.ts'
import { loopbackHosts } from '../core/http-access.ts'
import { secret, type SettingDefinition, workerSettingDefinitions } from './setting-definitions.ts'
import type { WorkerSettings } from './worker-settings.ts'

const credentials = /[^\s,/"]*@/g

type Environment = Readonly<Record<string, string | undefined>>
type Tree = { [name: string]: unknown }

/** Where `readSettings` reads. */
export interface SettingsSource {
  /** The variables; MILLRACE_CONFIG names a JSON file that they win over. */
  readonly environment: Environment
  /** Settings that a worker adds to those of every worker; one of the same path replaces it. Default: none. */
  readonly own?: readonly SettingDefinition[] | undefined
  /**
   * Names in the file that no definition has. `ignored` is for commands that read a worker's file without its module.
   * Default: `refused`.
   */
  readonly unknownNames?: 'refused' | 'ignored' | undefined
}

/**
 * Settings from the JSON file named by MILLRACE_CONFIG and from the environment, checked. Throws INVALID_SETTINGS with
 * every error at once, each naming field, variable, value (never a secret's) and what is expected.
 */
export function readSettings<Own extends object = object>(source: SettingsSource): WorkerSettings & Own {
  const { environment, own = [], unknownNames = 'refused' } = source
  const definitions = withOwn(own)
  const problems: string[] = []
  const tree = readFile(environment.MILLRACE_CONFIG, problems)
  for (const definition of definitions) {
    const value = fromEnvironment(definition, environment, problems)
    if (value !== undefined) place(tree, definition.path, value)
  }
  const validate = new Ajv({ ...ajvOptions, removeAdditional: unknownNames === 'ignored' }).compile(
    schemaOf(definitions),
  )
  if (!validate(tree)) problems.push(...(validate.errors ?? []).map((error) => describe(error, definitions)))
  problems.push(...contradictions(tree as unknown as WorkerSettings), ...unreadableFiles(tree, definitions))
  if (problems.length > 0) throw refused(problems)
  return deepFreeze(tree) as unknown as WorkerSettings & Own
}

const ajvOptions = { allErrors: true, verbose: true, useDefaults: true, coerceTypes: true, strict: false } as const

function withOwn(own: readonly SettingDefinition[]): readonly SettingDefinition[] {
  const replaced = new Set(own.map(({ path }) => path))
  return [...workerSettingDefinitions.filter(({ path }) => !replaced.has(path)), ...own]
}

function readFile(path: string | undefined, problems: string[]): Tree {
  if (path === undefined) return {}
  try {
    const tree: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof tree === 'object' && tree !== null && !Array.isArray(tree)) return tree as Tree
    problems.push(`MILLRACE_CONFIG: ${path} must hold a JSON object`)
  } catch (error) {
    // What the parser says quotes the text, in which there may be a secret.
    const position = /position \d+/.exec((error as Error).message)?.[0] ?? errorCode(error) ?? 'no JSON'
    problems.push(`MILLRACE_CONFIG: ${path} cannot be read as JSON (${position})`)
  }
  return {}
}

function fromEnvironment(definition: SettingDefinition, environment: Environment, problems: string[]): unknown {
  const value = environment[definition.variable]
  if (value !== undefined && value !== '') return value
  const path = definition.secret ? environment[`${definition.variable}_FILE`] : undefined
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    problems.push(`${definition.variable}_FILE: ${path} cannot be read`)
    return undefined
  }
}

/** A secret that is no setting of the process. Throws INVALID_SETTINGS where its file cannot be read. */
export function readSecret(variable: string, environment: Environment): string | undefined {
  const problems: string[] = []
  const value = fromEnvironment(secret('', variable), environment, problems)
  if (problems.length > 0) throw refused(problems)
  return value as string | undefined
}

function refused(problems: readonly string[]): MillraceError {
  const list = problems.map((problem) => `  - ${problem}`).join('\n')
  return new MillraceError('INVALID_SETTINGS', 'fatal', `the settings cannot be used:\n${list}`)
}

function place(tree: Tree, path: string, value: unknown): void {
  const names = path.split('.')
  const last = names.pop() ?? path
  let branch = tree
  for (const name of names) {
    const next = branch[name]
    if (typeof next === 'object' && next !== null) branch = next as Tree
    else branch = branch[name] = {} as Tree
  }
  branch[last] = value
}

/** Checks over several fields. */
function contradictions(settings: WorkerSettings): readonly string[] {
  const problems: string[] = []
  const { kafka, splunk, ops, elasticsearch, schemaRegistry, redis } = settings
  if (kafka?.saslMechanism && !(kafka.saslUsername && kafka.saslPassword)) {
    problems.push('kafka.saslMechanism needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (or KAFKA_SASL_PASSWORD_FILE)')
  }
  if (kafka?.saslUsername && !kafka.saslMechanism) {
    problems.push('kafka.saslUsername needs KAFKA_SASL_MECHANISM: without a mechanism the client does not log in')
  }
  if (!kafka?.tls && (kafka?.tlsCaFile || kafka?.tlsCertFile || kafka?.tlsKeyFile)) {
    problems.push('kafka.tlsCaFile, kafka.tlsCertFile and kafka.tlsKeyFile need KAFKA_TLS=true')
  }
  if (Boolean(kafka?.tlsCertFile) !== Boolean(kafka?.tlsKeyFile)) {
    problems.push(
      'kafka.tlsCertFile and kafka.tlsKeyFile need each other: set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE',
    )
  }
  if (splunk?.url && !splunk.token) problems.push('splunk.url needs SPLUNK_HEC_TOKEN (or SPLUNK_HEC_TOKEN_FILE)')
  if (elasticsearch?.password && !elasticsearch.username) {
    problems.push('elasticsearch.password needs ELASTICSEARCH_USERNAME')
  }
  if (elasticsearch?.username && !elasticsearch.password) {
    problems.push('elasticsearch.username needs ELASTICSEARCH_PASSWORD (or ELASTICSEARCH_PASSWORD_FILE)')
  }
  if (redis?.username && !redis.password) {
    problems.push('redis.username needs REDIS_PASSWORD (or REDIS_PASSWORD_FILE)')
  }
  if (Boolean(redis?.tlsCertFile) !== Boolean(redis?.tlsKeyFile)) {
    problems.push(
      'redis.tlsCertFile and redis.tlsKeyFile need each other: set REDIS_TLS_CERT_FILE and REDIS_TLS_KEY_FILE',
    )
  }
  if (schemaRegistry?.password && !schemaRegistry.username) {
    problems.push('schemaRegistry.password needs SCHEMA_REGISTRY_USERNAME')
  }
  if (ops?.host && !loopbackHosts.includes(ops.host) && !ops.token) {
    problems.push(`ops.host ${ops.host} is not loopback: set OPS_TOKEN (or OPS_TOKEN_FILE), or OPS_HOST=127.0.0.1`)
  }
  return problems
}

function describe(error: ErrorObject, definitions: readonly SettingDefinition[]): string {
  const path = error.instancePath.slice(1).replaceAll('/', '.')
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params.additionalProperty)
    return `${path === '' ? name : `${path}.${name}`} is not a setting: check its spelling`
  }
  const definition = definitions.find((candidate) => candidate.path === path)
  const expected =
    error.keyword === 'enum' ? `must be one of ${(error.params.allowedValues as string[]).join(', ')}` : error.message
  const hint = typeof definition?.schema.description === 'string' ? ` (${definition.schema.description})` : ''
  return `${path} (${definition?.variable ?? 'file'}) ${shown(definition, error.data)} ${expected}${hint}`
}

/** Of a part of the file nothing is shown, nor what stands before an @, where addresses hold credentials. */
function shown(definition: SettingDefinition | undefined, value: unknown): string {
  if (definition?.secret) return 'is a secret that'
  if (definition === undefined || (typeof value === 'object' && value !== null)) return 'is of another kind:'
  return `is ${JSON.stringify(value).replaceAll(credentials, '***@')}:`
}

/** Settings that name files which cannot be read. */
function unreadableFiles(tree: Tree, definitions: readonly SettingDefinition[]): readonly string[] {
  return definitions.flatMap(({ path, variable, isFile }) => {
    const file = isFile ? at(tree, path) : undefined
    if (typeof file !== 'string') return []
    try {
      closeSync(openSync(file, 'r'))
      return []
    } catch (error) {
      return [`${path} (${variable}) is ${JSON.stringify(file)}, which cannot be read (${errorCode(error)})`]
    }
  })
}

function at(tree: Tree, path: string): unknown {
  let value: unknown = tree
  for (const name of path.split('.')) value = (value as Tree | undefined)?.[name]
  return value
}

function schemaOf(definitions: readonly SettingDefinition[]): Tree {
  const root: Tree = { type: 'object', additionalProperties: false, properties: {} }
  for (const definition of definitions) {
    const names = definition.path.split('.')
    const last = names.pop() ?? definition.path
    let branch = root.properties as Tree
    for (const name of names) {
      branch[name] ??= { type: 'object', additionalProperties: false, default: {}, properties: {} }
      branch = (branch[name] as Tree).properties as Tree
    }
    branch[last] = definition.schema
  }
  return root
}

function deepFreeze(tree: Tree): Tree {
  for (const value of Object.values(tree)) if (typeof value === 'object' && value !== null) deepFreeze(value as Tree)
  return Object.freeze(tree)
}
