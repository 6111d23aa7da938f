import { FirstLook } from '../redaction/first-look.ts'

/** Small letters; every line that tells of a failed login holds one of them. */
const signs =
  'fail|denied|refused|reject|invalid|incorrect|wrong|mismatch|not allowed|not found|unknown user|no such user|nonexistent|non-existent|bad password|badlogin|bad username|preauth|autherr|find user|login error|login_error|login disabled|not have worked|violation|login attempts|access denied|hacking attempt|unallowed|handshake|verify error|via sni|soft,connection|spam attack|blacklist|relay attempt|unknown recipient|rbl|session.connect|t match|did not return|disconnect from|authentication error|no registration|auth challenge|unknown username|negotiate with|before auth|supplied|tried to|empty password|illegal user|bad login|time travel|not exist|authentication denied|no pg_hba|maximum|blocked|badiprbl|nt_status|unknown algorithm|not receive|protocol version|banner exchange|before authentication|t finish|command=auth|bad rcon|apop secret|t exist|ls error|reading authentication|unsuccessful|rate-limited|retrieve user|sender <|:false'

/** Numbers of failures: of HTTP, of Windows and of LDAP. */
const numbers = /40[13]|4625|477[16]|err=49/

const look = new FirstLook(
  signs.split('|').map((sign) => [sign, 0] as const),
  { findsNumbers: false },
)

/** Whether a closer look is worth it: about a nanosecond per character. */
export function mayBeLogin(text: string): boolean {
  return look.find(text, 0, text.length) >= 0 || numbers.test(text)
}

/** Signs in the fields of a document; its message is looked at by itself. */
const fieldSigns =
  /40[13]|4625|477[16]|fail(?:ure|ed to auth)|login_failed|nvalid credentials|session\.connect|"success":false/

export function mayBeLoginOf(message: string, document: string): boolean {
  return look.find(message, 0, message.length) >= 0 || fieldSigns.test(document)
}
