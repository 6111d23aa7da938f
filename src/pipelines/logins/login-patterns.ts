import { addressIn, normalAddress } from './addresses.ts'

export interface LoginPattern {
  /** A group `source` is the address; without one it is looked for in the line. */
  readonly expression: RegExp
  /** What is behind it was written by the client. */
  readonly ends?: RegExp
}

/** Lines that sound like a failure and are none, and those whose attempt another line of the daemon tells of. */
export const harmless = new RegExp(
  [
    String.raw`\bno auth attempts\b`,
    // sshd tells of the attempt in a line of its own.
    String.raw`pam_unix\(sshd:`,
    String.raw`\bPostponed \w`,
    String.raw`\bAccepted \w{1,20} for\b`,
    // A client tries all its keys.
    String.raw`\bFailed publickey for (?!invalid user)`,
    String.raw`\binvalid user[- ]?agent`,
    String.raw`hash is not \w`,
    String.raw`\bevasive\d`,
    String.raw`\binvalid Authorization header`,
    String.raw`\b(?:success(?:ful(?:ly)?)?|succeeded)\b`,
    String.raw`\binput_userauth_request\b`,
    String.raw`POSSIBLE BREAK-IN ATTEMPT`,
    String.raw`\bcheck pass; user unknown`,
    String.raw`\bcondition lead to\b`,
    String.raw`\|Login attempt failed [^|]{0,99}\|`,
    String.raw`\bFalling back to Digest`,
    // The path may be any text.
    String.raw`\[client [^\]]{2,64}\] File does not exist: `,
  ].join('|'),
  'i',
)

const ssh = /\bssh[12]: /
const words = String.raw`(?:[ -][\w.'-]{1,40}){0,3}[ _-]`

/** The first one that fits and names a source counts. */
export const failures: readonly LoginPattern[] = [
  // Daemons whose lines hold several addresses.
  {
    expression:
      /\bproftpd\[\d+\]:? \S{1,255} \(\S{0,255}\[(?:::ffff:)?(?<source>[\d.]{7,15}|[\da-f:.]{3,45})\]\)(?=.{0,300}(?:no such user|Login failed|VIOLATION|Maximum login|Incorrect password))/i,
  },
  { expression: /\btr="\w{3}\|[^|"]{2,45}\|\d{1,5}\|(?<source>[^|"]{2,45})\|\d{1,5}"(?=.{0,300}\bmi="Bad password)/ },
  { expression: /\bperdition\S{0,20}: Auth: (?<source>[\d.]{7,15}):\d{1,5}->.{0,512}\bstatus="failed/ },
  {
    expression:
      /\bconn(?:ection)? .{0,80}SSL_accept|SSL_accept from (?<source>[\d.]{7,15}):\d{1,5} .{0,200}(?:did not return a certificate|error)/,
  },
  {
    expression:
      /\bauthenticator failed for .{0,200}?\[(?<source>[\da-f.:]{3,45})\](?::\d{1,5})?(?::? I=\[[^\]]{2,60}\])?(?::\d{1,5})?: 5\d\d/i,
  },
  { expression: /\bAccess denied for user .{1,160}@'?(?<source>[\w.:-]{2,253})'? \(using password: (?:YES|NO)\)\s*$/i },
  { expression: /\bunallowed src IP \(\S{2,45}\) from peer \d+ \((?<source>\S{2,45}):\d{1,5}\)/ },
  { expression: /\bInvalid handshake initiation from (?<source>\S{2,45}):\d{1,5}/ },
  { expression: /\bhacking attempt detected '(?<source>[\da-f.:]{2,45})'/ },
  // Port and address are joined by a dot.
  {
    expression:
      /\b(?:block|pass)\(\d+\): \w+\/\w+ \]?: (?<source>(?:\d{1,3}\.){3}\d{1,3})\.\d{1,5} .{0,255}\bauthentication failed/,
  },
  { expression: /\breading authentication information from client (?<source>[\da-f.:]{2,45}?):\d{1,5}->/ },
  // `from` of the client's own text comes before that of sshd.
  { expression: /\bFailed \S{1,40} for .{0,512}\bfrom \S{1,255}/, ends: ssh },
  {
    expression: /\b(?:Login failed|Failed login) for .{0,255} from /,
    ends: /\. AUTHENTICATE | in session | in \/| \(error/,
  },
  // sshd. A name may hold an address: that of the client is the last.
  {
    expression:
      /\b(?:invalid|illegal|authenticating) user .{0,255} (?<source>[\da-f.:]{2,45}) port \d{1,5}(?: \[preauth\]|: Too many)/i,
  },
  { expression: /\b(?:invalid|illegal|authenticating) user\b/i, ends: /: Change of username/ },
  { expression: /\bReceived disconnect from \S{2,255}(?: port \d+)?(?:.{0,200}\[preauth\]|:? ?3: .{0,200}Auth fail)/ },
  {
    expression:
      /\b(?:Connection (?:closed|reset) by|Disconnect(?:ed|ing)(?: from)?|Unable to negotiate with|Connection from|ssh_dispatch_run_fatal: Connection from) .{0,200}\[preauth\]/,
  },
  { expression: /\b(?:ROOT LOGIN REFUSED|refused connect) from\b/i },
  { expression: /\bUser \S{1,64} from \S{1,255} not allowed\b/ },
  { expression: /\bmaximum authentication attempts exceeded\b/i },
  {
    expression:
      /\bDid not receive identification string from\b|\bBad protocol version identification '|\bbanner exchange: Connection from\b|\bTimeout before authentication for\b|\bMagic value check failed\b/,
  },
  { expression: /\bExit before auth\b.{0,99}(?:fails|Max auth tries|Bad \w)/ },
  // Web servers.
  {
    expression:
      /\bclient denied by server configuration\b|\buser\b.{0,80}\bnot found\b|\bused wrong authentication scheme\b|\b(?:invalid qop|realm mismatch|unknown algorithm|time travel|invalid nonce)\b|\bprovided via SNI\b|\bAuthorization of user .{1,200} failed, reason:/,
  },
  {
    expression:
      /\bwas not found in "|\bwas not found in LDAP\b|\bSSL_do_handshake\(\) failed\b|\bget_password failed\b|\bSSL handshake failure\b/,
  },
  // A request to log in, in a line of any form: its status is behind its path.
  {
    expression:
      /\/(?:[\w.-]{1,40}\/){0,6}(?:log[-_]?in|sign[-_]?in|(?:token[-_])?auth|session)\/?(?:\?[^\s"]{0,200})?"?:? [^"]{0,80}?(?<![\w.:-])40[13](?![\w.:-])/i,
  },
  // Telephony.
  {
    expression:
      /\b(?:Registration|Request)(?: '\w+')? from .{0,255} failed for '(?<source>[\da-f.]{7,15}|[\da-f:.]{3,45})(?::\d{1,5})?'/i,
  },
  {
    expression:
      /\bSecurityEvent="(?:FailedACL|InvalidAccountID|ChallengeResponseFailed|InvalidPassword|AuthMethodNotAllowed|InvalidTransport|LoadAverageLimit|MemoryLimit|RequestBadFormat|RequestNotAllowed|RequestNotSupported|SessionLimit|UnexpectedAddress)"/,
  },
  {
    expression:
      /\bNo registration for peer\b|\bCall (?:from '|\(\w{3}:).{0,160}rejected because\b|\bRejecting unknown SIP\b|\btried to authenticate with nonexistent\b|\bSIP auth (?:failure|challenge)\b|\bCan't find user\b|\bCould not retrieve user\b/,
  },
  // Mail.
  {
    expression:
      /\bbadlogin:|\btried to use (?:disallowed|disabled) \S{1,20} auth|\bpam_authenticate\(\) failed|\bauth failed\b|\bclient didn't finish \w{1,20} auth\b|\bpossible SMTP attack: command=AUTH\b/,
  },
  {
    expression:
      /\bSpam attack detected\b|\bfound in DNS blacklist\b|\bRelay attempt from\b|\bunknown recipient\b|\bconnection rejected before SMTP greeting\b|\bsender <[^>]{1,255}> rejected\b|\b(?:badiprbl|rblsmtpd)\b|\brejected RCPT\b/,
  },
  {
    expression:
      /\bSASL \S{1,30} authentication failed\b|\blogin authenticator failed\b|\bIncorrect authentication data\b/i,
  },
  // VPN.
  {
    expression:
      /\bSIGUSR1\[soft,connection-reset\] received|\bVERIFY ERROR: |\bTLS (?:Auth )?Error: |\bAUTH_FAILED\b|\bcertificate verify failed\b/,
  },
  // Databases and others with a wording of their own.
  {
    expression:
      /\bpassword authentication failed for user\b|\bno pg_hba\.conf entry for host "(?<source>[\da-f.:]{2,45})"/,
  },
  {
    expression:
      /\btype="?LOGIN_ERROR"?\b|\bAUTHFAIL\b|\b(?:AUTHERR|NOTALLOWED|NOTEXIST) - \[|\bminiserv\.pl "failed"|\bAuth-Failure\b|\bFAIL LOGIN\b|\bNT_STATUS_(?:WRONG_PASSWORD|NO_SUCH_USER|LOGON_FAILURE)\b/,
  },
  {
    expression:
      /\bmight not have worked\b|\bSECURITY VIOLATION\b|\bMaximum login attempts\b|\blogin error\b|\bLogin disabled\b|\bRejected connection from\b|\buwmaster override\b|\bnot allowed to talk to us\b|\bBad Rcon\b|\bcan't find \w{1,20} secret\b/i,
  },
  {
    expression:
      /\bsupplied (?:unknown user|wrong password)|\baccess denied -- client\b|\bdoesn't match for\b|\buri mismatch\b|\buser denied:|\broot login not allowed\b|\bUser \S{1,255} doesn't exist\b/i,
  },
  {
    expression:
      /\b(?:Login|logon) (?:with username|attempt|request)?.{0,128}\bfailed\b|\battempt from .{1,200} failed\b/i,
  },
  {
    expression:
      /\bAuthentication(?: request)?(?: for .{1,128})?(?: has been)? (?:denied|failed|FAILED)|\bAuthentication: FAILED\b/i,
  },
  // Anybody's wording.
  {
    expression: new RegExp(
      String.raw`\b(?:log[- ]?[io]n|sign-?in|auth(?:entication|orization|entication data)?|password|credentials?)s?${words}(?:fail(?:ed|ures?|s)?|denied|refused|rejected|incorrect|invalid|errors?|mismatch(?:ed)?)\b`,
      'i',
    ),
  },
  {
    expression: new RegExp(
      String.raw`\bfail(?:ed|ures?|s)?${words}(?:log[- ]?[io]ns?|auth\w{0,20}|password|credentials?)\b`,
      'i',
    ),
  },
  {
    expression: new RegExp(
      String.raw`\b(?:bad|wrong|invalid|incorrect|empty|illegal|unknown|non-?existent|no such)${words.replace('{0,3}', '{0,2}')}(?:password|passwd|user(?:name)?|log[- ]?[io]n|credentials?|totp code|admin token|account)\b`,
      'i',
    ),
  },
  {
    expression:
      /\b(?:2fa|mfa|t?otp|two[-_ ]factor)\b.{0,120}\b(?:fail(?:ed|ures?)?|invalid|incorrect|wrong|rejected|denied)\b/i,
  },
  {
    expression: new RegExp(String.raw`\bunsuccessful${words}(?:log[- ]?[io]n|auth\w{0,20})\b`, 'i'),
  },
  {
    expression:
      /\bInvalid token provided for user\b|\btried to login\b|\brequest with invalid authentication from\b|\bAuthentication attempt from \S{1,255} has been rate-limited\b/i,
  },
]

/** Attempts on the machine itself, and those whose address another line has. */
export const localFailures =
  /\bsudo(?:\[\d+\])?: .{0,200}\bincorrect password attempt|\bpam_unix\((?!sshd:)[\w:-]{1,40}\): authentication failure;(?!.{0,200}\brhost=\S)|\bFAILED SU \(|\bsu(?:\[\d+\])?: FAILED\b|\bFAILED LOGIN\b|\bRESULT tag=97 err=49\b/

const access = /"([A-Z]{3,10}) ([^" ]{1,2048})[^"]{0,20}" (40[13])(?: |$)/
const loginPath = /(?:log[-_]?[io]n|signin|sign-in|auth|session|token|oauth|admin|wp-login|password)/i
const head = /^(?:\S{1,255} )??((?:\d{1,3}\.){3}\d{1,3}|[\da-f:.]{3,45}) \S{1,128} (.{1,128}?) \[/i

/** 401 for somebody who gave a name, or on a page that logs in; 403 on such a page. A first 401 only asks for a name. */
export function accessFailure(
  text: string,
  log: { readonly ip?: string | undefined; readonly statusCode?: number | undefined },
): string | undefined {
  const line = access.exec(text)
  const request = line ?? /\b(GET|POST|PUT|PATCH|DELETE|HEAD) (\S{1,2048})/.exec(text)
  const status = line?.[3] ?? String(log.statusCode)
  if (status !== '401' && status !== '403') return undefined
  const client = head.exec(text)
  const isNamed = client !== null && client[2] !== '-'
  const isLogin = request !== null && (loginPath.test(request[2] ?? '') || (status === '401' && request[1] === 'POST'))
  const isFailure = status === '401' ? isNamed || isLogin : isLogin
  return (isFailure && !text.includes('"Auth for ')) || (isFailure && isNamed)
    ? (log.ip ?? (client === null ? addressIn(text) : normalAddress(client[1] ?? '')))
    : undefined
}
