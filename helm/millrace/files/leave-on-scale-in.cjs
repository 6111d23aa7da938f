// Runs in a pod with a static member before its SIGTERM (preStop): node -e <this> <path of the StatefulSet> <folder of the
// token> <seconds>. A pod that is scaled in does not return, so its member has to leave the group: the file says so to the
// worker. If the API server does not answer, the member stays in the group until its session is over.
const { readFileSync, writeFileSync } = require('node:fs')
const { get } = require('node:https')
const { setTimeout: sleep } = require('node:timers/promises')

const [, path, access, seconds] = process.argv
const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, KAFKA_LEAVE_GROUP_FILE, POD_NAME } = process.env

/** A StatefulSet that is deleted has no pods to return to either. */
function isLeaving(status, text) {
  if (status !== 200) return status === 404
  const { metadata, spec } = JSON.parse(text)
  const first = spec.ordinals?.start ?? 0
  const ordinal = Number(POD_NAME.slice(POD_NAME.lastIndexOf('-') + 1))
  return metadata.deletionTimestamp !== undefined || ordinal >= first + spec.replicas
}

const read = (name) => readFileSync(`${access}/${name}`, 'utf8')
const request = get(
  {
    host: KUBERNETES_SERVICE_HOST,
    port: KUBERNETES_SERVICE_PORT,
    path,
    ca: read('ca.crt'),
    headers: { authorization: `Bearer ${read('token')}` },
    timeout: 3000,
  },
  (response) => {
    let text = ''
    response.on('data', (part) => {
      text += part
    })
    response.on('end', () => {
      if (isLeaving(response.statusCode, text)) writeFileSync(KAFKA_LEAVE_GROUP_FILE, '')
      else if (response.statusCode !== 200) process.stderr.write(`GET ${path}: ${response.statusCode} ${text}\n`)
    })
  },
)
request.on('timeout', () => request.destroy(new Error('no answer within 3 s')))
request.on('error', ({ message }) => process.stderr.write(`GET ${path}: ${message}\n`))
void sleep(1000 * Number(seconds))
