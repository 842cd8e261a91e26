/** What a file holds if it is no log. */
export interface ForeignContent {
  readonly kind: 'binary' | 'unsupported_compression' | 'encrypted'
  /** What it is, as part of a sentence. */
  readonly what: string
}

/** Bytes at the beginning of the content that are looked at. */
const LOOKED_AT = 1024

/** Beginnings, as text with one character per byte. Many of these heads contain mostly text. */
const BEGINNINGS: readonly (readonly [RegExp, ForeignContent['kind'], string])[] = [
  [/^(?:\x85[\x01\x02]\x0c\x03|\x84\x8c\x03|\x8c\x0d\x04|-----BEGIN PGP MESSAGE)/, 'encrypted', 'OpenPGP'],
  [/^age-encryption\.org\/v\d/, 'encrypted', 'age'],
  [/^Salted__/, 'encrypted', 'OpenSSL'],
  [/^PK\x03\x04.{2}[\x01\x03\x05\x07\x09\x0b\x0d\x0f]/s, 'encrypted', 'zip with a password'],
  [/^\x1f\x8b\x08/, 'unsupported_compression', 'gzip within gzip'],
  [/^\x28\xb5\x2f\xfd/, 'unsupported_compression', 'zstd'],
  [/^\xfd7zXZ\0/, 'unsupported_compression', 'xz'],
  [/^BZh[1-9]1AY&SY/, 'unsupported_compression', 'bzip2'],
  [/^PK\x03\x04/, 'unsupported_compression', 'zip'],
  [/^\x04\x22\x4d\x18/, 'unsupported_compression', 'lz4'],
  [/^LZIP\x01/, 'unsupported_compression', 'lzip'],
  [/^7z\xbc\xaf\x27\x1c/, 'unsupported_compression', '7z'],
  [/^Rar!\x1a\x07/, 'unsupported_compression', 'rar'],
  [/^\x1f[\x9d\xa0]/, 'unsupported_compression', 'compress'],
  [/^.{257}ustar/s, 'binary', 'a tar archive'],
  [/^LPKSHHRH/, 'binary', 'a journal of systemd; read it with journalctl -o json'],
  [/^ElfFile\0/, 'binary', 'an event log of Windows'],
  [/^SQLite format 3\0/, 'binary', 'an SQLite database'],
  [/^\x7fELF/, 'binary', 'a program'],
  [/^%PDF-\d/, 'binary', 'a PDF document'],
  [/^(?:\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP)/s, 'binary', 'an image'],
  [/^(?:\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4)/, 'binary', 'a packet capture'],
]

/** The fields of a record of wtmp and btmp (384 bytes) and of lastlog (292) that hold text, padded with NULs. */
const LOGIN_FIELDS = [
  [8, 40],
  [44, 76],
  [76, 332],
] as const
const LASTLOG_FIELDS = [
  [4, 36],
  [36, 292],
] as const

/** Recognises content that is no log. `content` begins at the first byte that is not NUL. */
export function foreignContent(content: Buffer): ForeignContent | undefined {
  const head = content.toString('latin1', 0, LOOKED_AT)
  for (const [beginning, kind, what] of BEGINNINGS) if (beginning.test(head)) return { kind, what }
  if (isLoginRecord(head)) return { kind: 'binary', what: 'a record of logins (wtmp, btmp); read it with last' }
  if (isLastlog(head)) return { kind: 'binary', what: 'a record of last logins; read it with lastlog' }
  return undefined
}

/** Begins with the type of the record as a little-endian number from 1 to 9. */
function isLoginRecord(head: string): boolean {
  return (
    /^[\x01-\x09]\0\0\0/.test(head) && LOGIN_FIELDS.every(([from, to]) => isPadded(head.slice(from, to), to - from))
  )
}

/** Begins with a time of this century, little-endian. Its bytes are hardly ever all printable, as those of a log are. */
function isLastlog(head: string): boolean {
  return (
    /^(?![ -~\s]{4}).{3}[\x38-\x7f]/s.test(head) &&
    LASTLOG_FIELDS.every(([from, to]) => isPadded(head.slice(from, to), to - from))
  )
}

/** Printable text, at least one NUL, and nothing else. */
function isPadded(field: string, length: number): boolean {
  return field.length === length && /^[ -~]*\0+$/.test(field)
}
