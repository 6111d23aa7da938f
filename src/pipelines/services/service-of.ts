import { type FieldPath, fieldAt, fieldPath } from '../field-path.ts'
import type { Fields } from '../field-value.ts'

/** Where the name of a service stands when nobody has called it one; the surest first. */
const namePaths: readonly FieldPath[] = [
  '[service][name]',
  '[resource][service.name]',
  '[kubernetes][labels][app.kubernetes.io/name]',
  '[kubernetes][labels][app_kubernetes_io/name]',
  '[kubernetes][labels][app_kubernetes_io_name]',
  '[kubernetes][labels][k8s-app]',
  '[kubernetes][labels][app]',
  '[kubernetes][deployment][name]',
  '[kubernetes][container][name]',
  '[kubernetes][container_name]',
  '[container][labels][com_docker_compose_service]',
  '[container][labels][com.docker.compose.service]',
  '[k8s.deployment.name]',
  '[k8s.container.name]',
  '[container][name]',
  '[container_name]',
  '[attributes][container_name]',
  '[systemd][unit]',
  '[_SYSTEMD_UNIT]',
  '[SYSLOG_IDENTIFIER]',
].map(fieldPath)

const filePaths: readonly FieldPath[] = [
  '[log][file][path]',
  '[file]',
  '[filename]',
  '[path]',
  '[source]',
  '[log.file.path]',
].map(fieldPath)

/** Formats whose component is the name of a program. */
const programFormats = /^format:(?:r?syslog|journal|cri-syslog)/
const nameMost = 128

/**
 * The service that an event is of: its own field, the labels of Kubernetes or docker, the unit or program of the system,
 * the file that it was in, the name of its source. Never a class or a line of a program: rates and budgets are those of
 * a service. Undefined: nothing names one.
 */
export function serviceOf(fields: Fields, tags: readonly string[], source: string): string | undefined {
  for (const path of namePaths) {
    const name = fieldAt(fields, path)
    if (typeof name === 'string' && isName(name)) return name.replace(/^\//, '').replace(/\.service$/, '')
  }
  const { component } = fields
  if (typeof component === 'string' && isName(component) && tags.some((tag) => programFormats.test(tag)))
    return component
  for (const path of filePaths) {
    const file = fieldAt(fields, path)
    const name = typeof file === 'string' ? serviceOfFile(file) : undefined
    if (name !== undefined) return name
  }
  return isSourceName(source) ? source : undefined
}

function isName(text: string): boolean {
  return text !== '' && text.length <= nameMost
}

const kubernetesFile = /\/containers\/[^/]+_[^/]+_([^/]+)-[0-9a-f]{64}\.log$|\/pods\/[^/]+\/([^/]+)\/\d+\.log[^/]*$/
/** Names that say what a file holds, not whose it is. */
const usualNames = new Set(
  'access error errors stdout stderr output out app application server console current main log logs messages syslog audit debug info general slow query default'.split(
    ' ',
  ),
)

/** `/var/log/nginx/access.log` is of nginx, `/var/log/redis.log` of redis. */
export function serviceOfFile(path: string): string | undefined {
  const inKubernetes = kubernetesFile.exec(path)
  if (inKubernetes !== null) return inKubernetes[1] ?? inKubernetes[2]
  if (path.length > 4096 || !/[/\\].*\.?log\b|[/\\]logs?[/\\]/i.test(path)) return undefined
  const folders = path.split(/[/\\]/)
  const file = folders.pop() ?? ''
  const base = file
    .replace(/[._-]?(?:\d{4}-?\d\d-?\d\d.*|\d+)?(?:\.log|\.txt|\.json|\.gz|\.\d+)*$/, '')
    .replace(/[._-](?:access|error|slow|json)$/, '')
  if (base !== '' && !usualNames.has(base.toLowerCase())) return base
  const folder = folders.findLast((name) => name !== '' && !usualNames.has(name.toLowerCase()))
  return folder === undefined || folder === 'var' || /^[A-Z]:$/.test(folder) ? undefined : folder
}

const identifier = /^(?:[0-9a-f-]{16,}|\d+)$/i

/** `user-8c1f`, `order_20261`: the last part tells one thing of many from the others. */
const idAtTheEnd = /[-_.](?=[a-z]*\d)[0-9a-z]{4,}$/i

/** The key of a record often is an id of it, and then names nothing: each would be a service of its own. */
function isSourceName(source: string): boolean {
  return /^[a-z][\w.-]{0,63}$/i.test(source) && !identifier.test(source) && !idAtTheEnd.test(source)
}
