const KEY = 'oddline-key'

/** Kept for this tab alone, and gone with it. */
export function setKey(key) {
  if (key) sessionStorage.setItem(KEY, key)
  else sessionStorage.removeItem(KEY)
}

function headers(more = {}) {
  const key = sessionStorage.getItem(KEY)
  return key ? { 'x-api-key': key, ...more } : more
}

export class ApiError extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: headers(body === undefined ? {} : { 'content-type': 'application/json' }),
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: 'no-store',
  })
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}))
    throw new ApiError(response.status, problem.detail ?? `The API answered ${response.status}.`)
  }
  return response.status === 204 ? undefined : response.json()
}

/** `query` holds what is to be asked; what is empty is left out. */
export function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given).toString()
  return call('GET', text ? `${path}?${text}` : path)
}

export const post = (path, body) => call('POST', path, body)
export const put = (path, body) => call('PUT', path, body)
export const remove = (path) => call('DELETE', path)

/**
 * Listens until `signal` aborts, and begins anew when the line breaks. By fetch, because EventSource sends no key.
 * @param onEvent called with (name, data)
 * @param onState called with whether the line is up
 */
export async function listen(onEvent, onState, signal) {
  while (!signal.aborted) {
    try {
      const response = await fetch('/events', { headers: headers(), signal, cache: 'no-store' })
      if (!response.ok) throw new ApiError(response.status, 'no stream')
      onState(true)
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      let buffer = ''
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        buffer += value
        const messages = buffer.split('\n\n')
        buffer = messages.pop()
        for (const message of messages) {
          const name = /^event: (.*)$/m.exec(message)?.[1]
          const data = /^data: (.*)$/m.exec(message)?.[1]
          if (name && data) onEvent(name, JSON.parse(data))
        }
      }
    } catch (error) {
      if (signal.aborted || error.status === 401 || error.status === 403) return
    }
    onState(false)
    await new Promise((resolve) => setTimeout(resolve, 3000))
  }
}
