/** What of a profile of V8 is of interest here. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

interface Frame {
  readonly functionName: string
  readonly url: string
}

/** Files that only one of the threads runs. */
const THREADS: readonly (readonly [thread: string, file: RegExp])[] = [
  ['batch', /pipeline\/flow/],
  ['transformer', /onnxruntime-node/],
  ['forest', /isolation-forest\/(?:combine|walker)/],
  ['reading', /pipeline\/reading-worker/],
]

export interface SelfTimes {
  readonly thread: string
  readonly busyMs: number
  /** Time in each function itself, the most first. */
  readonly functions: readonly { readonly name: string; readonly ms: number }[]
}

/** Self times of a `.cpuprofile`, by function. */
export function selfTimes(json: string): SelfTimes {
  const { nodes, samples, timeDeltas } = JSON.parse(json) as Profile
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, number>()
  let busyMs = 0
  for (const [i, sample] of samples.entries()) {
    const frame = frames.get(sample)!
    if (frame.functionName === '(idle)') continue
    const ms = timeDeltas[i] / 1000
    busyMs += ms
    const name = `${frame.functionName || '(anonymous)'} ${shortened(frame.url)}`.trim()
    times.set(name, (times.get(name) ?? 0) + ms)
  }
  const urls = nodes.map(({ callFrame }) => callFrame.url)
  const thread = THREADS.find(([, file]) => urls.some((url) => file.test(url)))?.[0] ?? 'main'
  const functions = [...times].map(([name, ms]) => ({ name, ms })).sort((a, b) => b.ms - a.ms)
  return { thread, busyMs, functions }
}

function shortened(url: string): string {
  return url.replace(/^.*\/(?:dist\/src|node_modules)\//, '')
}
