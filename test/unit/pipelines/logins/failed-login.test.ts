import { describe, expect, test } from '@jest/globals'
import { failedLogin } from '../../../../src/pipelines/logins/failed-login.ts'

const client = '203.0.113.9'
const sixth = '2001:db8:7::9'

describe('a failed login and its source are seen in a line of', () => {
  test.each([
    ['sshd', `Nov 24 07:59:59 web1 sshd[811]: Failed password for root from ${client} port 4022 ssh2`, client],
    ['sshd, IPv6', `Nov 24 07:59:59 web1 sshd[811]: Failed password for root from ${sixth} port 4022 ssh2`, sixth],
    ['sshd, an unknown user', `web1 sshd[811]: Invalid user admin from ${client} port 4022`, client],
    [
      'sshd, before the login',
      `web1 sshd[811]: Connection closed by authenticating user root ${client} port 4022 [preauth]`,
      client,
    ],
    ['sshd, a user who is called from', `sshd[811]: Invalid user from 198.51.100.1 from ${client}`, client],
    [
      'sshd, a client that sends a text',
      `sshd[811]: Failed password for x from ${client} port 40 ssh1: ruser y from 198.51.100.1`,
      client,
    ],
    [
      'sshd, too many tries',
      `sshd[811]: error: maximum authentication attempts exceeded for root from ${client} port 4 ssh2 [preauth]`,
      client,
    ],
    ['sshd, not listed', `sshd[811]: User ann from ${client} not allowed because not listed in AllowUsers`, client],
    ['sshd in its newest form', `web1 sshd-session[811]: Invalid user ann from ${client} port 53502`, client],
    [
      'PAM',
      `vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=x rhost=${client}  user=x`,
      client,
    ],
    [
      'dovecot',
      `dovecot: imap-login: Disconnected (auth failed, 2 attempts in 9 secs): user=<ann>, method=PLAIN, rip=${client}, lip=192.0.2.1, TLS`,
      client,
    ],
    [
      'dovecot, its worker',
      `dovecot: auth-worker(77): pam(ann,${client}): pam_authenticate() failed: Authentication failure`,
      client,
    ],
    [
      'postfix',
      `postfix/smtpd[77]: warning: unknown[${client}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6`,
      client,
    ],
    [
      'exim',
      `exim[7]: plain_server authenticator failed for (helo.example.com) [${client}]:4022: 535 Incorrect authentication data`,
      client,
    ],
    [
      'sendmail',
      `sendmail[7]: x7: [${client}]: possible SMTP attack: command=AUTH, count=5: AUTH failure (LOGIN)`,
      client,
    ],
    [
      'cyrus',
      `cyrus/imaps[7]: badlogin: host.example.com [${client}] PLAIN [SASL(-13): authentication failure: Password verification failed]`,
      client,
    ],
    ['courier', `pop3d: LOGIN FAILED, user=ann, ip=[::ffff:${client}]`, client],
    ['vsftpd', `Tue Nov 24 07:59:59 2026 [pid 7] [ann] FAIL LOGIN: Client "::ffff:${client}"`, client],
    [
      'proftpd',
      `proftpd[7] ftp.example.com (::ffff:${client}[::ffff:${client}]): USER ann (Login failed): Incorrect password.`,
      client,
    ],
    ['pure-ftpd', `pure-ftpd: (?@${client}) [WARNING] Authentication failed for user [ann]`, client],
    ['MySQL', `2026-11-24T07:59:59.1Z 8 [Note] Access denied for user 'ann'@'${client}' (using password: YES)`, client],
    [
      'PostgreSQL',
      `2026-11-24 07:59:59 UTC [7] ann@shop ${client}(4022) FATAL:  password authentication failed for user "ann"`,
      client,
    ],
    [
      'SQL Server',
      `2026-11-24 07:59:59.10 Logon  Login failed for user 'sa'. Reason: Password did not match. [CLIENT: ${client}]`,
      client,
    ],
    [
      'MongoDB',
      `{"t":{"$date":"2026-11-24T07:59:59Z"},"s":"I","c":"ACCESS","id":20249,"msg":"Authentication failed","attr":{"principalName":"ann","remote":"${client}:4022"}}`,
      client,
    ],
    [
      'nginx with basic auth',
      `2026/11/24 07:59:59 [error] 7#7: *1 user "ann": password mismatch, client: ${client}, server: a.example.com, request: "GET / HTTP/1.1"`,
      client,
    ],
    [
      'Apache with basic auth',
      `[Tue Nov 24 07:59:59.1 2026] [auth_basic:error] [pid 7] [client ${client}:4022] AH01617: user ann: authentication failure for "/a": Password Mismatch`,
      client,
    ],
    ['an access log, 401 for a name', `${client} - ann [24/Nov/2026:07:59:59 +0000] "GET /a HTTP/1.1" 401 17`, client],
    [
      'an access log, 401 on a login',
      `${client} - - [24/Nov/2026:07:59:59 +0000] "POST /login HTTP/1.1" 401 17 "-" "curl/8"`,
      client,
    ],
    [
      'Keycloak',
      `WARN [org.keycloak.events] type=LOGIN_ERROR, realmId=a, clientId=b, userId=null, ipAddress=${client}, error=user_not_found`,
      client,
    ],
    [
      'Keycloak in its newest form',
      `WARN  [org.keycloak.events] type="LOGIN_ERROR", realmName="a", clientId="b", ipAddress="${client}", error="invalid_user_credentials"`,
      client,
    ],
    [
      'Vault',
      `{"time":"2026-11-24T07:59:59Z","type":"response","error":"invalid credentials","request":{"path":"auth/userpass/login/ann","remote_address":"${client}"}}`,
      client,
    ],
    [
      'Windows',
      `{"winlog":{"event_id":4625,"channel":"Security","event_data":{"IpAddress":"${client}","TargetUserName":"ann"}},"message":"An account failed to log on."}`,
      client,
    ],
    [
      'Windows as text',
      `An account failed to log on. Account Name: ann Source Network Address: ${client} Source Port: 4022`,
      client,
    ],
    [
      'Kerberos of Windows',
      `{"EventID":4771,"Channel":"Security","IpAddress":"::ffff:${client}","TargetUserName":"ann"}`,
      client,
    ],
    [
      'ECS',
      `{"@timestamp":"2026-11-24T07:59:59Z","event":{"category":["authentication"],"outcome":"failure"},"source":{"ip":"${sixth}"},"user":{"name":"ann"}}`,
      sixth,
    ],
    ['HTTP in JSON', `{"method":"POST","path":"/api/login","status":401,"remote_ip":"${client}"}`, client],
    [
      'Grafana',
      `logger=context t=2026-11-24T07:59:59Z level=info msg="Invalid username or password" method=POST path=/login status=401 remote_addr=${client} error="invalid"`,
      client,
    ],
    ['GitLab', `2026-11-24T07:59:59.1Z: Failed Login: username=ann ip=${client}`, client],
    [
      'Nextcloud',
      `{"reqId":"a","level":2,"remoteAddr":"${client}","app":"core","message":"Login failed: ann (Remote IP: ${client})"}`,
      client,
    ],
    [
      'Asterisk',
      `NOTICE[7]: chan_sip.c:28 handle_request_register: Registration from '"1"<sip:1@192.0.2.1>' failed for '${client}:4022' - Wrong password`,
      client,
    ],
    [
      'Roundcube',
      `roundcube: IMAP Error: Login failed for ann from ${client}. AUTHENTICATE PLAIN: A0002 NO Login failed. in /usr/share/x.php on line 2`,
      client,
    ],
    [
      'Proxmox',
      `pvedaemon[7]: authentication failure; rhost=${client} user=ann@pam msg=Authentication failure`,
      client,
    ],
    [
      'Horde',
      `HORDE [error] [imp] FAILED LOGIN for ann@example.com [${client}] to {imap.example.com:993} [pid 7 on line 2 of "x.php"]`,
      client,
    ],
    [
      'Samba',
      `Auth: [SMB2,(null)] user [A]\\[ann] at [x] with [NTLMv2] status [NT_STATUS_WRONG_PASSWORD] workstation [W] remote host [ipv4:${client}:4022]`,
      client,
    ],
    ['ZNC', `[2026-11-24 07:59:59] [ann] failed to login from ${client}`, client],
    ['RouterOS', `system,error,critical login failure for user admin from ${client} via ssh`, client],
    [
      'Screen sharing of macOS',
      `screensharingd[7]: Authentication: FAILED :: User Name: ann :: Viewer Address: ${client} :: Type: DH`,
      client,
    ],
    ['SquirrelMail', `[LOGIN_ERROR] ann (example.com) from ${client}: Unknown user or password incorrect.`, client],
    ['Dropbear', `dropbear[7]: Bad password attempt for 'root' from ${client}:4022`, client],
    ['OpenVPN', `ovpn[7]: ${client}:4022 TLS Auth Error: Auth Username/Password verification failed for peer`, client],
    ['OpenVPN, a key that it does not know', `ovpn[7]: TLS Error: no such key from [AF_INET]${client}:4022`, client],
    [
      'sshd, a user whose name holds an address',
      `sshd[811]: Connection closed by authenticating user a 198.51.100.1 ${client} port 4022 [preauth]`,
      client,
    ],
    ['sshd, a client that says nothing', `sshd[811]: Did not receive identification string from ${client}`, client],
    ['sshd, another protocol', `sshd[811]: Bad protocol version identification 'x' from ${client} port 4022`, client],
    ['sshd, a broken banner', `sshd[811]: banner exchange: Connection from ${client} port 40: invalid format`, client],
    ['sshd, too late', `sshd[811]: fatal: Timeout before authentication for ${client} port 4022`, client],
    ['dovecot, a broken off login', `imap-login: Disconnected (client didn't finish SASL auth): rip=${client}`, client],
    ['sendmail, a count', `sm-mta[7]: x7: [${client}]: possible SMTP attack: command=AUTH, count=5`, client],
    ['Kerio', `[24/Nov/2026 07:59:59] SMTP: User ann doesn't exist. Attempt from IP address ${client}.`, client],
    ['Solid POP3', `solid-pop3d[7]: can't find APOP secret for user ann - ${client}`, client],
    ['Perdition', `Fatal Error reading authentication information from client ${client}:40->192.0.2.1:993: x`, client],
    [
      'Dante',
      `danted[7]: info: block(1): tcp/accept ]: ${client}.57178 0.0.0.0.1080: password authentication failed`,
      client,
    ],
    ['Counter-Strike', `L 11/24/2026 - 07:59:59: Bad Rcon: "rcon 7 "admin"" from "${client}:4022"`, client],
    ['NRPE', `nrpe[7]: Host ${client} is not allowed to talk to us!`, client],
    ['lighttpd', `2026-11-24 07:59:59: (http_auth.c.877) get_password failed, IP: ${client}`, client],
    [
      'Asterisk, a call',
      `NOTICE[7]: x.c: anonymous: Call (UDP:${client}:65) to extension '1' rejected because it is not found`,
      client,
    ],
    ['Authelia', `level=error msg="Unsuccessful 1FA authentication attempt by user 'ann'" remote_ip=${client}`, client],
    [
      'Home Assistant',
      `Login attempt or request with invalid authentication from localhost (${client}). (curl/8)`,
      client,
    ],
    [
      'a request to log in',
      `[info] AccessLog [1|2] ${client} POST /api/v1/login took 8ms and returned 401 65 bytes`,
      client,
    ],
    [
      'PostgreSQL with a port',
      `UTC:${client}(5432):ann@shop:[7]:FATAL:  password authentication failed for user "ann"`,
      client,
    ],
    ['an action of JSON', `{"action":"login_failed","client_ip":"${client}"}`, client],
    [
      'a login of JSON without success',
      `{"event":"user.login","success":false,"addr.remote":"x","remote_addr":"${client}"}`,
      client,
    ],
    ['a line with colors', `\u001b[33mFailed login attempt for ann from ip ${client}\u001b[0m`, client],
    ['a line whose colors are written out', `\\x1b[33mFailed login of ann from ip ${client}\\x1b[0m`, client],
    ['words that are joined', `CAS|who: ann|AUTHENTICATION_FAILED|ann|${client}|192.0.2.1`, client],
    ['a client behind proxies', `Authentication attempt from [${client}, 192.0.2.1] for user "ann" failed.`, client],
    ['a request with its client', `[App] ${client}:40 - "POST /api/token-auth/ HTTP/1.1" 401`, client],
    [
      'a request whose client is not the only address',
      `[d] ${client} - ann "POST /login HTTP/1.1" FAILED LOGIN: locked out IP 198.51.100.1`,
      client,
    ],
    ['a second factor', `AUDIT: MFA failure count is set to 1. (${client} (ann) -> POST:/two-factor)`, client],
    ['a second factor, by its module', `[two_factor::email][ERROR] Token is invalid! IP: ${client}`, client],
    ['OpenVPN, a certificate', `ovpn[7]: ${client}:40 OpenSSL: error:1417: certificate verify failed`, client],
    ['OpenVPN, a named client', `laptop/${client}:40 AUTH: Received control message: AUTH_FAILED`, client],
    ['ZoneMinder', `web[7].ERR [${client}] [Could not retrieve user ann details] at a.php line 3`, client],
    ['Webmin', `[24/Nov/2026:07:59:59] ann - ${client} global miniserv.pl "failed" "-" "wrongpass"`, client],
    ['Monitorix', `Tue Nov 24 07:59:59 2026 - NOTEXIST - [${client}] File does not exist: /x`, client],
    ['Kerio, a sender', `Message from IP address ${client}, sender <a@example.com> rejected: no such domain`, client],
    [
      'a wrong name in an event',
      `{"action":"invalid_identifier","event":"invalid_login","client_ip":"${client}"}`,
      client,
    ],
    ['wrong credentials in an error', `{"error":"invalid credentials","client_ip":"${client}"}`, client],
    ['a request to log in that failed', `{"path":"/users/auth/a","action":"failure","remote_ip":"${client}"}`, client],
    ['HTTP in JSON, other names', `{"http_path":"/a/auth","http_status":403,"visitor_ip":"${client}"}`, client],
    ['a remote address with a port', `{"event":"user.login","success":false,"addr.remote":"${client}:40"}`, client],
  ])('%s', (_, text, source) => {
    expect(failedLogin({ text, host: 'web1' })?.source).toBe(source)
  })
})

describe('no failed login is seen in', () => {
  test.each([
    ['a word of a validation', 'Invalid user agent of 203.0.113.9'],
    ['a login', `sshd[811]: Accepted password for ann from ${client} port 4022 ssh2`],
    ['one of the keys of a client', `sshd[811]: Failed publickey for ann from ${client} port 4022 ssh2: RSA SHA256:x`],
    [
      'what PAM says beside sshd',
      `sshd[811]: pam_unix(sshd:auth): authentication failure; logname= rhost=${client}  user=ann`,
    ],
    [
      'a connection that sends nothing',
      `dovecot: pop3-login: Disconnected (no auth attempts in 0 secs): rip=${client}`,
    ],
    ['a first question for a name', `${client} - - [24/Nov/2026:07:59:59 +0000] "GET /a HTTP/1.1" 401 17`],
    ['a success in ECS', `{"event":{"category":["authentication"],"outcome":"success"},"source":{"ip":"${client}"}}`],
    [
      'a failure of something else',
      `{"event":{"category":["file"],"action":"deletion","outcome":"failure"},"source":{"ip":"${client}"}}`,
    ],
    ['a request that failed', `upstream ${client} failed: connection refused`],
    ['a name of a file', `[client ${client}] File does not exist: /srv/[client 198.51.100.1] user root not found`],
    ['a request that is not allowed', `${client} - - [24/Nov/2026:07:59:59 +0000] "POST /connect HTTP/1.1" 403 17`],
    ['a number beside a page of logins', `GET /login took 401ms from ${client}`],
    ['a certificate that is not checked', 'certificate verification is off for 203.0.113.9'],
    ['a file that is missing', `[client ${client}] File does not exist: /srv/NOTEXIST - [${client}]`],
    ['an error of another kind', `{"error":"invalid date","client_ip":"${client}"}`],
    ['a mail that failed', 'failed to send the message to 203.0.113.9'],
  ])('%s', (_, text) => expect(failedLogin({ text })).toBeUndefined())
})

test('the host that wrote the log is never the source', () => {
  const text = 'Nov 24 07:59:59 192.0.2.10 app[7]: Authentication failed for ann'
  expect(failedLogin({ text, host: '192.0.2.10' })).toBeUndefined()
  expect(failedLogin({ text, host: '192.0.2.10', ip: client })?.source).toBe(client)
})

test('a repeated message counts as many attempts', () => {
  const text = `sshd[811]: message repeated 5 times: [ Failed password for root from ${client} port 4022 ssh2]`
  expect(failedLogin({ text })).toEqual({ source: client, user: 'root', connection: `sshd 811 ${client}`, count: 5 })
})

test('of the lines of one connection only a refusal counts by itself', () => {
  const lines = [
    `sshd[811]: Invalid user ann from ${client} port 4022`,
    `sshd[811]: Failed password for invalid user ann from ${client} port 4022 ssh2`,
    `sshd[811]: Connection closed by invalid user ann ${client} port 4022 [preauth]`,
  ]
  const connection = `sshd 811 ${client}`
  expect(lines.map((text) => failedLogin({ text }))).toMatchObject([
    { connection, count: 0 },
    { connection, count: 1 },
    { connection, count: 0 },
  ])
})

test('the line that a document was made of is read, or its message with its fields', () => {
  const original = `Nov 24 07:59:59 web1 sshd[811]: Invalid user ann from ${client} port 4022`
  const message = `Invalid user ann from ${client} port 4022`
  const kept = { message, component: 'sshd', event: { original } }
  const notKept = { message, component: 'sshd', attributes: { pid: '811' } }
  for (const document of [kept, notKept]) {
    const login = failedLogin({ text: JSON.stringify(document), message })
    expect(login).toMatchObject({ source: client, connection: `sshd 811 ${client}` })
  }
})

test('of a flat document the message alone is looked at for signs', () => {
  const message = `GET /login HTTP/1.1 from ${client} was 401: password mismatch`
  const document = { message, traceId: 'a4014771' }
  expect(failedLogin({ text: JSON.stringify(document), message, isFlat: true })).toEqual(
    failedLogin({ text: JSON.stringify(document), message }),
  )
  expect(failedLogin({ text: '{"message":"done","eventId":"4625"}', message: 'done', isFlat: true })).toBeUndefined()
})

test('sudo names a user and no source', () => {
  const text = 'web1 sudo: ann : 3 incorrect password attempts ; TTY=pts/0 ; USER=root ; COMMAND=/bin/ls'
  expect(failedLogin({ text })).toMatchObject({ source: undefined, count: 1 })
})

test('LDAP refuses a name in a line without its address', () => {
  const text = 'slapd[7]: conn=22 op=1 RESULT tag=97 err=49 text='
  expect(failedLogin({ text })).toMatchObject({ source: undefined, count: 1 })
})

test('a member of a document tells of a failed login, whatever its message says', () => {
  for (const error of ['failed to authenticate ann', 'invalid credentials']) {
    const text = JSON.stringify({ message: 'Unauthorized', error, remote_addr: client })
    expect(failedLogin({ text, message: 'Unauthorized' })?.source).toBe(client)
  }
})

test('a line of a megabyte takes no longer than its beginning', () => {
  for (const piece of [
    'login failed from',
    'failed password for ',
    'from 1.1.1.',
    'user not found ',
    '(a,1.1.1.',
    'a'.repeat(63) + '.',
    '[client ',
    '::',
    '/login ',
    '/auth/',
    'invalid user a 1.1.1.1 port 1 ',
    'block(1): a/b ]: 1.1.1.1.1 ',
    'unsuccessful a ',
    'mfa ',
    'a_',
    '[1.1.1.1, 1.1.1.1.',
    '1.1.1.1 - a ',
    'a/1.1.1.1:1',
    '#033[1;',
    'sender <',
    ', ',
  ]) {
    const text = piece.repeat(Math.ceil(1_048_576 / piece.length))
    const before = process.cpuUsage()
    failedLogin({ text: `login failed ${text}` })
    const { user } = process.cpuUsage(before)
    expect({ piece, isFast: user < 50_000 }).toEqual({ piece, isFast: true })
  }
})
