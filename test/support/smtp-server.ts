import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

/** When a fault happens: instead of the greeting, or instead of the answer to a command or to a whole mail. */
export type SmtpMoment = 'GREETING' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'MESSAGE'

export interface SmtpFault {
  readonly at: SmtpMoment
  /** `reply`: these lines; `lose-answer`: the mail is taken, but the connection ends; `trickle`: bytes without end. */
  readonly kind: 'reply' | 'drop-connection' | 'lose-answer' | 'hang' | 'half-answer' | 'trickle'
  readonly reply?: string
}

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
  readonly user: string | undefined
  readonly isEncrypted: boolean
}

export interface SmtpServerOptions {
  /** With them, the server offers STARTTLS. */
  readonly key?: string
  readonly certificate?: string
  /** The connection begins with TLS. */
  readonly isSecure?: boolean
  readonly login?: { readonly username: string; readonly password: string }
  /** What the server has against a mail. */
  readonly refusalOf?: (mail: ReceivedMail) => string | undefined
}

/** A mail server on a free port of the loopback interface that can be told to fail. */
export class SmtpServer {
  /** In the order in which they were taken. */
  readonly mails: ReceivedMail[] = []
  connections = 0
  readonly options: SmtpServerOptions
  readonly #faults: SmtpFault[] = []
  #standing: SmtpFault | undefined
  #port = 0
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => {
    this.connections++
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    new SmtpDialog(this, socket).start()
  })

  constructor(options: SmtpServerOptions = {}) {
    this.options = options
  }

  get port(): number {
    return this.#port
  }

  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** The next moment of this kind fails, so many times. */
  fail(fault: SmtpFault, times = 1): void {
    for (let count = 0; count < times; count++) this.#faults.push(fault)
  }

  /** Every moment of this kind fails, until it is taken back with undefined. */
  failAlways(fault: SmtpFault | undefined): void {
    this.#standing = fault
  }

  faultAt(moment: SmtpMoment): SmtpFault | undefined {
    const position = this.#faults.findIndex(({ at }) => at === moment)
    if (position >= 0) return this.#faults.splice(position, 1)[0]
    return this.#standing?.at === moment ? this.#standing : undefined
  }
}

/** One connection. */
class SmtpDialog {
  readonly #server: SmtpServer
  #socket: Socket
  #waiting = ''
  #isInData = false
  #isEncrypted = false
  #user: string | undefined
  #from = ''
  #to: string[] = []

  constructor(server: SmtpServer, socket: Socket) {
    this.#server = server
    this.#socket = socket
  }

  start(): void {
    if (this.#server.options.isSecure === true) this.#encrypt()
    this.#listen()
    this.#answer('GREETING', '220 mail.example.com ESMTP')
  }

  #listen(): void {
    this.#socket.setEncoding('latin1')
    this.#socket.on('error', () => {})
    this.#socket.on('data', (text: string) => {
      this.#waiting += text
      this.#readLines()
    })
  }

  #readLines(): void {
    for (;;) {
      const end = this.#isInData ? this.#waiting.indexOf('\r\n.\r\n') : this.#waiting.indexOf('\r\n')
      if (end < 0) return
      const text = this.#waiting.slice(0, end)
      this.#waiting = this.#waiting.slice(end + (this.#isInData ? 5 : 2))
      if (this.#isInData) this.#endMail(text)
      else this.#command(text)
    }
  }

  #command(line: string): void {
    const verb = line.split(' ', 1)[0]?.toUpperCase()
    switch (verb) {
      case 'EHLO':
        return this.#answer('EHLO', ['250-mail.example.com', ...this.#capabilities(), '250 SMTPUTF8'].join('\r\n'))
      case 'STARTTLS':
        if (this.#server.options.key === undefined) return this.#say('502 not here')
        this.#say('220 go ahead')
        this.#encrypt()
        return this.#listen()
      case 'AUTH':
        return this.#login(line)
      case 'MAIL':
        this.#from = addressIn(line)
        this.#to = []
        return this.#answer('MAIL', '250 ok')
      case 'RCPT':
        return this.#answer('RCPT', '250 ok', () => this.#to.push(addressIn(line)))
      case 'DATA':
        return this.#answer('DATA', '354 go ahead', () => void (this.#isInData = true))
      case 'QUIT':
        this.#say('221 bye')
        return void this.#socket.end()
      default:
        return this.#say('250 ok')
    }
  }

  #capabilities(): readonly string[] {
    const { key, login, isSecure = false } = this.#server.options
    const starts = key !== undefined && !isSecure && !this.#isEncrypted ? ['250-STARTTLS'] : []
    return login === undefined ? starts : [...starts, '250-AUTH PLAIN']
  }

  #encrypt(): void {
    const { key = '', certificate = '' } = this.#server.options
    this.#socket.removeAllListeners('data')
    this.#socket = new TLSSocket(this.#socket, {
      isServer: true,
      secureContext: createSecureContext({ key, cert: certificate }),
    })
    this.#isEncrypted = true
  }

  #login(line: string): void {
    const [, user, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
      .toString()
      .split('\0')
    const { login } = this.#server.options
    if (user !== login?.username || password !== login?.password) return this.#say(`535 5.7.8 refused: ${line}`)
    this.#user = user
    this.#answer('AUTH', '235 welcome')
  }

  #endMail(text: string): void {
    this.#isInData = false
    const [from, to] = [this.#from, this.#to]
    const mail = {
      from,
      to,
      text: text.replaceAll('\r\n..', '\r\n.'),
      user: this.#user,
      isEncrypted: this.#isEncrypted,
    }
    const refusal = this.#server.options.refusalOf?.(mail)
    if (refusal !== undefined) return this.#say(refusal)
    this.#answer('MESSAGE', '250 queued', () => this.#server.mails.push(mail))
  }

  /** The usual answer and what it means, or the fault of this moment. */
  #answer(moment: SmtpMoment, usual: string, then: () => void = () => {}): void {
    const fault = this.#server.faultAt(moment)
    switch (fault?.kind) {
      case undefined:
        then()
        return this.#say(usual)
      case 'reply':
        return this.#say(fault?.reply ?? '451 later')
      case 'lose-answer':
        then()
        return void this.#socket.destroy()
      case 'drop-connection':
        return void this.#socket.destroy()
      case 'half-answer':
        return void this.#socket.write('25', () => this.#socket.destroy())
      case 'trickle': {
        const timer = setInterval(() => this.#socket.write('2'), 20)
        this.#socket.on('close', () => clearInterval(timer))
        return
      }
      case 'hang':
    }
  }

  #say(text: string): void {
    this.#socket.write(`${text}\r\n`)
  }
}

function addressIn(line: string): string {
  return /<(.*?)>/.exec(line)?.[1] ?? ''
}
