/** An element. Text from the API only ever becomes text: there is no way to give markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'style') Object.assign(element.style, value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child)
    else if (child instanceof Node) element.append(child)
    else if (child !== undefined && child !== null && child !== false) element.append(visible(String(child)))
  }
}

/** Invisible characters of a log line, direction overrides among them, are shown as escapes. */
export function visible(text) {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u${char.codePointAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function badge(severity) {
  return h('span', { class: `badge ${severity}` }, severity[0].toUpperCase() + severity.slice(1))
}

export function section(title, note, ...children) {
  const id = `h-${title.toLowerCase().replaceAll(' ', '-')}`
  return h(
    'section',
    { class: 'card', 'aria-labelledby': id },
    h('div', { class: 'head' }, h('h2', { id }, title), note && h('span', { class: 'small muted' }, note)),
    children,
  )
}

export function empty(text) {
  return h('p', { class: 'muted empty' }, text)
}

/**
 * A table in a box that scrolls where it must. `rows` are lists of cells; `numeric` names columns by number. On a narrow
 * screen a row becomes a block with its headings beside the cells; roles keep it a table for a screen reader.
 */
export function table(label, headings, rows, numeric = []) {
  const alignment = (i) => (numeric.includes(i) ? 'num' : undefined)
  const heading = (text, i) => h('th', { scope: 'col', role: 'columnheader', class: alignment(i) }, text)
  const cell = (content, i) => h('td', { role: 'cell', class: alignment(i), 'data-label': headings[i] }, content)
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label },
    h(
      'table',
      { role: 'table' },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, headings.map(heading))),
      h(
        'tbody',
        { role: 'rowgroup' },
        rows.map((row) => h('tr', { role: 'row' }, row.map(cell))),
      ),
    ),
  )
}

export function button(text, act, attributes = {}) {
  const element = h('button', { type: 'button', ...attributes, onclick: run }, text)
  async function run() {
    element.disabled = true
    try {
      await act(element)
    } catch (error) {
      say(error.message)
    } finally {
      element.disabled = false
    }
  }
  return element
}

/** A word to the user that a screen reader says too. */
export function say(text) {
  document.querySelector('.toast')?.remove()
  const toast = h('p', { class: 'toast', role: 'alert' }, text)
  document.body.append(toast)
  setTimeout(() => toast.remove(), 6000)
}
