const names =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  )

/** The name of a facility of syslog (RFC 5424, table 1); its number where it has none. */
export function facilityOf(number: number): string {
  return names[number] ?? String(number)
}
