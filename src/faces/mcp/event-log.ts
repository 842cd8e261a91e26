import type { EventStore } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'

const MAX_EVENTS = 128
const MAX_CHARACTERS = 1_000_000

interface Kept {
  readonly number: number
  readonly stream: string
  readonly message: JSONRPCMessage
  readonly size: number
}

/** The last messages of a session, for a client that reconnects. Bounded: the oldest are dropped first. */
export class EventLog implements EventStore {
  readonly #kept: Kept[] = []
  #next = 1
  #size = 0

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const size = JSON.stringify(message).length
    const number = this.#next++
    this.#kept.push({ number, stream, message, size })
    this.#size += size
    while (this.#kept.length > MAX_EVENTS || (this.#size > MAX_CHARACTERS && this.#kept.length > 1))
      this.#size -= this.#kept.shift()!.size
    return `${stream}:${number}`
  }

  async getStreamIdForEventId(id: string): Promise<string | undefined> {
    return this.#kept.find((one) => `${one.stream}:${one.number}` === id)?.stream
  }

  async replayEventsAfter(
    id: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const at = id.lastIndexOf(':')
    const stream = id.slice(0, at)
    const after = Number(id.slice(at + 1))
    // The event that opens a stream has no content and is not replayed.
    const missed = this.#kept.filter((one) => one.stream === stream && one.number > after && 'jsonrpc' in one.message)
    for (const { number, message } of missed) await send(`${stream}:${number}`, message)
    return stream
  }
}
