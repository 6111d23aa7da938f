import SMTPConnection from 'nodemailer/lib/smtp-connection'

type SessionOptions = ConstructorParameters<typeof SMTPConnection>[0]

export interface SmtpEnvelope {
  readonly from: string
  readonly to: readonly string[]
}

/** The result of a mail that the server took. */
export interface SmtpResult {
  /** Recipients that the server refused, while it took the mail for others. */
  readonly rejected: readonly string[]
}

/** One connection to a mail server. Each step rejects when the connection fails meanwhile. */
export class SmtpSession {
  readonly #connection: SMTPConnection
  #fail: (error: unknown) => void = () => {}

  constructor(options: SessionOptions) {
    this.#connection = new SMTPConnection(options)
    this.#connection.on('error', (error) => this.#fail(error))
    this.#connection.on('end', () => this.#fail(new Error('the connection was closed')))
  }

  /** Until the server has greeted, and TLS is established if it is asked for. */
  connect(): Promise<void> {
    return this.#step((done) => this.#connection.connect((error) => done(error)))
  }

  login(user: string, pass: string): Promise<void> {
    return this.#step((done) => this.#connection.login({ user, pass }, (error) => done(error)))
  }

  async send(envelope: SmtpEnvelope, mail: Buffer): Promise<SmtpResult> {
    let rejected: readonly string[] = []
    await this.#step((done) =>
      this.#connection.send({ from: envelope.from, to: [...envelope.to] }, mail, (error, result) => {
        rejected = result?.rejected ?? []
        done(error)
      }),
    )
    return { rejected }
  }

  /** Says goodbye; nobody waits for the answer. */
  quit(): void {
    this.#connection.quit()
  }

  /** Ends the connection now. */
  close(): void {
    this.#connection.close()
  }

  #step(run: (done: (error: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fail = reject
      run((error) => (error === null || error === undefined ? resolve() : reject(error)))
    })
  }
}
