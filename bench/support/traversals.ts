import type { Labelled } from './web-corpora.ts'

/** How one ASCII character may be written so that some server or application decodes it. */
type Encoding = (char: string) => string

const hexOf = (code: number, digits = 2) => code.toString(16).padStart(digits, '0')
const percent = (bytes: readonly number[]) => bytes.map((byte) => `%${hexOf(byte)}`).join('')
const again = (text: string) => text.replaceAll('%', '%25')
const codeOf = (char: string) => char.charCodeAt(0)
const twoBytes = (char: string) => [0xc0 | (codeOf(char) >> 6), 0x80 | (codeOf(char) & 0x3f)]
const longer = (lead: number, length: number) => (char: string) => {
  const [first, last] = twoBytes(char)
  return percent([lead, ...Array<number>(length - 3).fill(0x80), 0x80 | (first & 1), last])
}
const alike: Readonly<Record<string, number>> = { '.': 0x2024, '/': 0x2215, '\\': 0x2216 }

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  plain: (char) => char,
  percent: (char) => percent([codeOf(char)]),
  percent_upper: (char) => percent([codeOf(char)]).toUpperCase(),
  twice: (char) => again(percent([codeOf(char)])),
  three_times: (char) => again(again(percent([codeOf(char)]))),
  digits_encoded: (char) => `%${[...hexOf(codeOf(char))].map((digit) => percent([codeOf(digit)])).join('')}`,
  first_digit_encoded: (char) => `%${percent([codeOf(hexOf(codeOf(char))[0])])}${hexOf(codeOf(char))[1]}`,
  second_digit_encoded: (char) => `%${hexOf(codeOf(char))[0]}${percent([codeOf(hexOf(codeOf(char))[1])])}`,
  overlong_2: (char) => percent(twoBytes(char)),
  overlong_2_twice: (char) => again(percent(twoBytes(char))),
  overlong_2_loose: (char) => percent([twoBytes(char)[0], twoBytes(char)[1] & 0x3f]),
  overlong_3: longer(0xe0, 3),
  overlong_4: longer(0xf0, 4),
  overlong_5: longer(0xf8, 5),
  overlong_6: longer(0xfc, 6),
  percent_u: (char) => `%u${hexOf(codeOf(char), 4)}`,
  percent_u_wide: (char) => `%u${hexOf(codeOf(char) + 0xfee0, 4)}`,
  percent_u_alike: (char) => `%u${hexOf(alike[char], 4)}`,
  utf8_wide: (char) => encodeURIComponent(String.fromCharCode(codeOf(char) + 0xfee0)),
  utf8_alike: (char) => encodeURIComponent(String.fromCharCode(alike[char])),
  number: (char) => `0x${hexOf(codeOf(char))}`,
  escape_x: (char) => `%5cx${hexOf(codeOf(char))}`,
  escape_u: (char) => `%5cu${hexOf(codeOf(char), 4)}`,
  entity: (char) => encodeURIComponent(`&#${codeOf(char)};`),
  entity_hex: (char) => encodeURIComponent(`&#x${hexOf(codeOf(char))};`),
}

/** One step up; what filters that remove `../` once leave over, and what servers skip. */
const NESTINGS: Readonly<Record<string, (dot: string, separator: string) => string>> = {
  plain: (dot, separator) => dot + dot + separator,
  doubled: (dot, separator) => dot + dot + dot + dot + separator + separator,
  inserted: (dot, separator) => dot + dot + dot + separator + dot + separator,
  separators: (dot, separator) => dot + dot + separator + separator,
  same_folder: (dot, separator) => dot + separator + dot + dot + separator,
  parameter: (dot, separator) => `${dot}${dot};${separator}`,
  nul: (dot, separator) => `${dot}${dot}%00${separator}`,
}

const PLACES = [(path: string) => `/download?file=${path}`, (path: string) => `/static/${path}`]

/**
 * Path traversals by mechanism: every depth, separator, encoding of dot, separator or both, and nesting, for a file
 * whose name is no sign of an attack.
 */
export function traversals(): Labelled[] {
  const found: Labelled[] = []
  for (const [encoding, encode] of Object.entries(ENCODINGS)) {
    for (const [nesting, step] of Object.entries(NESTINGS)) {
      for (const separator of ['/', '\\']) {
        for (const [part, steps] of Object.entries({
          both: step(encode('.'), encode(separator)),
          dots: step(encode('.'), separator),
          separators: step('.', encode(separator)),
        })) {
          for (let depth = 1; depth <= 8; depth++) {
            for (const place of PLACES) {
              const target = place(`${steps.repeat(depth)}data/report.txt`)
              found.push({ request: { target }, label: [encoding, part, nesting, separator, depth].join(' ') })
            }
          }
        }
      }
    }
  }
  return found
}

const NAMES = [
  'report.txt',
  'reports/2026/may.final.pdf',
  './styles/site.min.css',
  'a/b.c/d.e',
  'files\\may.txt',
  'v1.2.3/notes.md',
]

/** Ordinary paths in the same encodings: an encoding alone is no attack. */
export function encodedNames(): Labelled[] {
  return Object.entries(ENCODINGS).flatMap(([encoding, encode]) =>
    NAMES.flatMap((name) => {
      const path = name.replaceAll(/[./\\]/g, encode)
      return PLACES.map((place) => ({ request: { target: place(path) }, label: encoding }))
    }),
  )
}
