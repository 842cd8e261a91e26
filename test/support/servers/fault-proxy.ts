import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Random } from '../../../src/core/random.ts'

export const FAULTS = ['cut', 'cut_after', 'hang', 'slow', 'storm', 'server_error', 'wrong_body'] as const
/**
 * - `cut`: the connection ends before the request reaches the receiver
 * - `cut_after`: the receiver takes the request, and its answer is lost
 * - `hang`: no answer ever
 * - `slow`: passed on after a pause
 * - `storm`: 429 with Retry-After
 * - `server_error`: 503
 * - `wrong_body`: 200 with a stranger's page
 */
export type Fault = (typeof FAULTS)[number]

export interface FaultProxy {
  readonly url: string
  /** How often each fault struck. */
  readonly struck: Map<Fault | 'outage', number>
  /** Times at which an answer of the receiver went through, ms. */
  readonly passed: number[]
  setRate(rate: number): void
  /** Refuses connections until `up`. */
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

/** A proxy between a sink and its receiver that causes random network faults. */
export async function faultProxy(
  target: string,
  options: { readonly random: Random; readonly rate: number; readonly kinds: readonly Fault[] },
): Promise<FaultProxy> {
  const { random, kinds } = options
  let { rate } = options
  const struck = new Map<Fault | 'outage', number>()
  const passed: number[] = []
  const sockets = new Set<Socket>()

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming)
    const fault = random() < rate ? kinds[Math.floor(random() * kinds.length)] : undefined
    if (fault) struck.set(fault, (struck.get(fault) ?? 0) + 1)
    switch (fault) {
      case 'cut':
        incoming.socket.destroy()
        return
      case 'hang':
        return
      case 'storm':
        response.writeHead(429, { 'retry-after': '1' }).end('slow down')
        return
      case 'server_error':
        response.writeHead(503).end('out of order')
        return
      case 'wrong_body':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>')
        return
      case 'slow':
        // The fault itself: a receiver that takes its time.
        await new Promise((resolve) => setTimeout(resolve, 300))
        break
      case 'cut_after':
      case undefined:
        break
      default:
        throw new Error(`unknown fault ${fault satisfies never}`)
    }
    const answer = await forward(target, incoming, body).catch(() => undefined)
    if (!answer || fault === 'cut_after') {
      incoming.socket.destroy()
      return
    }
    passed.push(Date.now())
    response.writeHead(answer.status, answer.headers).end(answer.body)
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => incoming.socket.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const down = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    struck,
    passed,
    setRate: (next) => {
      rate = next
    },
    down: async () => {
      struck.set('outage', (struck.get('outage') ?? 0) + 1)
      await down()
    },
    up: async () => await listen(port),
    close: down,
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, headers } = incoming
    const sent = httpRequest(
      `${target}${incoming.url}`,
      { method, headers: { ...headers, connection: 'close' } },
      (got) => {
        bodyOf(got)
          .then((answer) => {
            const { connection: _, 'transfer-encoding': __, ...rest } = got.headers
            resolve({ status: got.statusCode ?? 502, headers: rest, body: answer })
          })
          .catch(reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
