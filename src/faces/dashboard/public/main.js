import { get, listen, setKey } from './api.js'
import { h } from './dom.js'
import { number, titled } from './format.js'
import { incidentsView } from './incidents.js'
import { linesView } from './lines.js'
import { operateView } from './operate.js'
import { overviewView } from './overview.js'
import { signIn } from './sign-in.js'

const root = document.getElementById('view')
const state = document.getElementById('state')
const live = { onIncident: undefined }
let current
let listening
let connected = false
let health

const VIEWS = {
  '': overviewView,
  incidents: incidentsView,
  lines: (_, query) => linesView(query),
  operate: operateView,
}

async function show() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const make = VIEWS[path] ?? overviewView
  live.onIncident = undefined
  current?.close?.()
  current = make(live, new URLSearchParams(query))
  root.replaceChildren(current.view)
  for (const link of document.querySelectorAll('.bar nav a')) {
    if (link.getAttribute('href') === `#/${path}`) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  document.title = path ? `${titled(path)} · Oddline` : 'Oddline'
  try {
    await current.ready
    if (!listening) start()
  } catch (error) {
    fail(error)
  }
}

function fail(error) {
  if (error.status === 401 || error.status === 403) {
    root.replaceChildren(signIn(error.message, show))
    setKey('')
    return
  }
  root.replaceChildren(h('p', { class: 'notice', role: 'alert' }, error.message ?? 'The API does not answer.'))
}

function start() {
  listening = new AbortController()
  void listen(
    (name, data) => {
      if (name === 'incident') live.onIncident?.(data)
      if (name === 'phase') void beat()
    },
    (up) => {
      connected = up
      drawState()
    },
    listening.signal,
  )
  void beat()
  setInterval(beat, 10_000)
}

async function beat() {
  try {
    health = await get('/health')
  } catch {
    health = undefined
  }
  drawState()
}

function drawState() {
  const text = health ? `${titled(health.phase)} · ${number(health.logs_processed)} lines` : 'not reachable'
  state.replaceChildren(
    h('span', { class: `dot ${connected && health ? 'up' : 'down'}`, 'aria-hidden': 'true' }),
    h('span', {}, `${text} · ${connected && health ? 'live' : 'not live'}`),
  )
}

addEventListener('hashchange', () => {
  void show()
  root.focus({ preventScroll: true })
  scrollTo(0, 0)
})
void show()
