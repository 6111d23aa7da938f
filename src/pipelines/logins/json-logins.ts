import { addressIn, normalAddress } from './addresses.ts'
import type { FailedLogin, LoginLog } from './login-log.ts'

type Members = Readonly<Record<string, unknown>>

/** Names of fields that hold the client's address, as small letters without marks; the surest first. */
const addressNames = [
  ...[
    'sourceip',
    'clientip',
    'srcip',
    'remoteip',
    'remoteaddress',
    'remoteaddr',
    'ipaddress',
    'sourceaddress',
    'clientaddress',
  ],
  ...['userip', 'visitorip', 'addrremote', 'remotehost', 'clienthost', 'xforwardedfor', 'xrealip'],
  ...['ip', 'remote', 'peeraddress', 'peer', 'src', 'client', 'address'],
]
const userNames = ['username', 'user', 'targetusername', 'principalname', 'userid', 'account', 'login']
const depthMost = 6
/** Windows: a logon, a Kerberos ticket, and a credential that were refused. */
const windowsEvents = new Set(['4625', '4771', '4776'])
const failedActions = /(?:log[-_. ]?[io]n|auth|session|signin|sign-in|ssh)/i
const failedLoginAction =
  /^(?:(?:log[-_. ]?in|sign[-_. ]?in|auth\w{0,12})[-_. ]fail(?:ed|ure)?|(?:fail(?:ed|ure)?|invalid|bad|wrong)[-_. ](?:log[-_. ]?in|sign[-_. ]?in|auth\w{0,12}|credentials?|password|user(?:name)?|identifier))$/i
const refusedCredentials =
  /\b(?:invalid|bad|wrong|incorrect) (?:credentials?|password|user ?name)\b|\bfailed to authenticate\b/i
const failedEvents = /^(?:LOGIN_ERROR|cowrie\.login\.failed|cowrie\.session\.connect)$/

/** Longer ones are no logs of logins. */
const lengthMost = 65_536

/** A document of JSON, also behind the header of a line; undefined: it is none. */
export function membersOf(text: string): Members | undefined {
  const start = text.startsWith('{') ? 0 : text.indexOf(': {') + 2
  if ((start === 1 && !text.startsWith('{')) || text.length > lengthMost || !/\}\s*$/.test(text.slice(-8)))
    return undefined
  try {
    const value: unknown = JSON.parse(text.slice(start))
    return typeof value === 'object' && value !== null ? (value as Members) : undefined
  } catch {
    return undefined
  }
}

/** The line that a document was made of; where it is not kept, what a syslog line would say. */
export function lineOf(members: Members): string | undefined {
  const { event, message, component, attributes } = members as { readonly [name: string]: Members | string | undefined }
  if (typeof event === 'object' && typeof event['original'] === 'string') return event['original']
  if (typeof message !== 'string') return undefined
  const pid = typeof attributes === 'object' ? attributes['pid'] : undefined
  const head = typeof component !== 'string' ? '' : `${component}${typeof pid === 'string' ? `[${pid}]` : ''}: `
  return head + message
}

/** Whether the fields of a document tell of a failed login. */
export function ofMembers(members: Members, log: LoginLog): FailedLogin | undefined {
  const values = new Map<string, string>()
  collect(members, '', values, 0)
  if (!isFailure(values)) return undefined
  const source = addressNames
    .map((name) => normalAddress(values.get(name) ?? ''))
    .find((address) => address !== undefined)
  const user = userNames.map((name) => values.get(name)).find((name) => name !== undefined && name !== '')
  const named = source ?? addressIn(values.get('message') ?? values.get('msg') ?? '') ?? log.ip
  return { source: named === log.host ? undefined : named, ...(user === undefined ? {} : { user }), count: 1 }
}

function isFailure(values: ReadonlyMap<string, string>): boolean {
  const outcome = values.get('eventoutcome') ?? values.get('outcome')
  if (outcome !== undefined) {
    const category = `${values.get('eventcategory') ?? ''} ${values.get('eventaction') ?? values.get('action') ?? ''} ${values.get('eventtype') ?? ''}`
    if (/^fail/i.test(outcome)) return category.trim() === '' || failedActions.test(category)
    if (/^success/i.test(outcome)) return false
  }
  const action = values.get('eventaction') ?? values.get('action') ?? values.get('event') ?? ''
  if (failedLoginAction.test(action) || failedLoginAction.test(values.get('event') ?? '')) return true
  if (values.get('success') === 'false' && failedActions.test(action)) return true
  const event =
    values.get('eventid') ?? values.get('eventcode') ?? values.get('winlogeventid') ?? values.get('id') ?? ''
  if (
    windowsEvents.has(event) &&
    (values.has('ipaddress') || values.has('targetusername') || values.has('winlogeventid') || values.has('channel'))
  )
    return true
  if (failedEvents.test(event) || values.get('type') === 'LOGIN_ERROR') return true
  if (/^Authentication failed/i.test(values.get('msg') ?? '') && values.get('c') === 'ACCESS') return true
  if (refusedCredentials.test(values.get('error') ?? values.get('errormessage') ?? '')) return true
  // Vault: a refused request for a token.
  if (values.has('error') && /^auth\/.{1,128}login/.test(values.get('requestpath') ?? '')) return true
  const status =
    values.get('statuscode') ??
    values.get('httpresponsestatuscode') ??
    values.get('httpstatus') ??
    values.get('status') ??
    values.get('resstatuscode')
  const path =
    values.get('urlpath') ??
    values.get('httppath') ??
    values.get('requrl') ??
    values.get('url') ??
    values.get('path') ??
    values.get('uri') ??
    values.get('requesturi') ??
    ''
  if (/^fail(?:ed|ure)?$/i.test(action) && failedActions.test(path)) return true
  if (status !== '401' && status !== '403') return false
  const method = values.get('method') ?? values.get('httprequestmethod') ?? values.get('requestmethod') ?? ''
  return failedActions.test(path) || (status === '401' && /^post$/i.test(method))
}

/** By its own name and by its whole path, as small letters without marks; what comes first stays. */
function collect(members: Members, path: string, values: Map<string, string>, depth: number): void {
  for (const [name, value] of Object.entries(members)) {
    const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
    const whole = path + plain
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      if (!values.has(whole)) values.set(whole, String(value))
      if (!values.has(plain)) values.set(plain, String(value))
    } else if (Array.isArray(value)) {
      if (!values.has(whole)) values.set(whole, value.filter((member) => typeof member === 'string').join(' '))
    } else if (typeof value === 'object' && value !== null && depth < depthMost)
      collect(value as Members, whole, values, depth + 1)
  }
}
