import { visible } from '../visible.ts'

/** Markup that is known to be safe. Only `html` and `trusted` make it. */
export class Markup {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

type Piece = Markup | string | number | null | undefined | false | readonly Piece[]

/** A template whose values are escaped: text becomes harmless text, lists are joined, nothing and `false` vanish. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  let out = strings[0]
  for (let i = 0; i < values.length; i++) out += render(values[i]) + strings[i + 1]
  return new Markup(out)
}

/** Text that is part of the program (a style sheet, a script), never of a log. */
export function trusted(text: string): Markup {
  return new Markup(text)
}

function render(piece: Piece): string {
  if (piece instanceof Markup) return piece.toString()
  if (piece === null || piece === undefined || piece === false) return ''
  if (typeof piece === 'string') return escapeHtml(visible(piece))
  if (typeof piece === 'number') return String(piece)
  return piece.map(render).join('')
}

const ENTITY: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITY[char])
}
