import { setKey } from './api.js'
import { h } from './dom.js'

/** Asks for a key where the API wants one. */
export function signIn(reason, onDone) {
  const field = h('input', { type: 'password', id: 'key', name: 'key', autocomplete: 'off', required: true })
  const form = h(
    'form',
    {
      class: 'card sign-in',
      onsubmit: (event) => {
        event.preventDefault()
        setKey(field.value.trim())
        onDone()
      },
    },
    h('h1', {}, 'A key, please'),
    h('p', { class: 'muted' }, reason),
    h('label', { for: 'key' }, 'API key'),
    field,
    h('button', { type: 'submit', class: 'primary' }, 'Open the dashboard'),
    h(
      'p',
      { class: 'small muted' },
      'It stays in this tab and is gone when you close it. `oddline api-key` makes one.',
    ),
  )
  queueMicrotask(() => field.focus())
  return form
}
