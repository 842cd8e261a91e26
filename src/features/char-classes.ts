/**
 * Character classes for the structure models. Letters form two classes and digits one; syntactic punctuation is
 * distinguished.
 */
export const CLASSES = 32
export const LOWER = 1
export const UPPER = 2
export const DIGIT = 3
const SPACE = 11

const SINGLE = '/.-_=&?'
const GROUPS = [',', ';', ':', "'", '"', '<', '>', '(', ')', '%', '*', '#', '$', '{}', '[]', '\\', '@!~^', '|`']

/** Class of each byte, 1 to 31; 0 is the start and the end of the text. */
export const CLASS_OF = classes()

/** 1 for the classes that are neither letter nor digit. */
export const IS_SYMBOL = Uint8Array.from({ length: CLASSES }, (_, c) => (c > DIGIT ? 1 : 0))

function classes(): Uint8Array {
  const table = new Uint8Array(256).fill(31)
  table.fill(30, 0, 0x20)
  table[0x7f] = 30
  for (let c = 0x61; c <= 0x7a; c++) table[c] = LOWER
  for (let c = 0x41; c <= 0x5a; c++) table[c] = UPPER
  for (let c = 0x30; c <= 0x39; c++) table[c] = DIGIT
  for (let i = 0; i < SINGLE.length; i++) table[SINGLE.charCodeAt(i)] = DIGIT + 1 + i
  table[0x20] = SPACE
  table[0x2b] = SPACE
  GROUPS.forEach((group, i) => {
    for (const character of group) table[character.charCodeAt(0)] = SPACE + 1 + i
  })
  return table
}

/** Value of each hexadecimal digit; 255 for other bytes. */
export const HEX = hexDigits()

function hexDigits(): Uint8Array {
  const table = new Uint8Array(256).fill(255)
  for (let i = 0; i < 10; i++) table[0x30 + i] = i
  for (let i = 0; i < 6; i++) {
    table[0x61 + i] = 10 + i
    table[0x41 + i] = 10 + i
  }
  return table
}
