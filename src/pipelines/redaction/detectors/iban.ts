import { isAlphanumeric, isDigit, isUpper, isWordStart } from '../characters.ts'
import type { Detector } from './detector.ts'

/** Characters of an IBAN by country (the registry of SWIFT). */
const lengths = new Map(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
)

/** `DE89 3704 0044 0532 0130 00`: the length of its country, and a checksum of 97. */
export const iban: Detector = {
  signs: [...lengths.keys()].map((country) => `${country.toLowerCase()}##`),
  find(text, at, from, span) {
    const start = at - 3
    const length = lengths.get(text.slice(start, start + 2))
    if (length === undefined || start < from || !isWordStart(text, start)) return false
    let end = start
    let remainder = 0
    let head = 0
    for (let taken = 0; taken < length; end++) {
      const code = text.charCodeAt(end)
      // Groups of four, with a blank or a hyphen between them.
      if (taken > 0 && taken % 4 === 0 && (code === 0x20 || code === 0x2d) && text.charCodeAt(end - 1) !== code)
        continue
      if (!isDigit(code) && !isUpper(code)) return false
      const value = isDigit(code) ? code - 0x30 : code - 0x37
      // The first four characters are counted last.
      if (taken < 4) head = (head * (value > 9 ? 100 : 10) + value) % 1_000_000
      else remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
      taken++
    }
    remainder = (remainder * 1_000_000 + head) % 97
    if (remainder !== 1 || isAlphanumeric(text.charCodeAt(end))) return false
    span.start = start
    span.end = end
    return true
  },
}
