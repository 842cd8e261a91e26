import type { IncomingMessage, ServerResponse } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { describe, expect, it } from 'vitest'
import { EventLog } from '../../../src/faces/mcp/event-log.ts'
import { McpSessions } from '../../../src/faces/mcp/sessions.ts'
import { clockOf } from '../../support/clock.ts'
import { exchange } from '../support/exchange.ts'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}

async function open(sessions: McpSessions, caller: string): Promise<string> {
  const server = new McpServer({ name: 'test', version: '1' })
  const work = (request: IncomingMessage, response: ServerResponse, body: unknown) =>
    sessions.open(server, caller, request, response, body)
  return (await exchange(INITIALIZE, work)).get('mcp-session-id') ?? ''
}

describe('the sessions of MCP clients', () => {
  it('belong to the key that opened them', async () => {
    const sessions = new McpSessions(clockOf(() => 0))
    const id = await open(sessions, 'alice')
    expect(sessions.find(id, 'alice')).toBeTruthy()
    expect(sessions.find(id, 'mallory')).toBeUndefined()
    await sessions.close()
    expect(sessions.size).toBe(0)
  })

  it('end after half an hour of silence', async () => {
    let now = 0
    const sessions = new McpSessions(clockOf(() => now))
    const silent = await open(sessions, 'alice')
    const busy = await open(sessions, 'alice')
    now += 29 * 60_000
    expect(sessions.find(busy, 'alice')).toBeTruthy()
    now += 2 * 60_000
    expect(sessions.find(silent, 'alice')).toBeUndefined()
    expect(sessions.find(busy, 'alice')).toBeTruthy()
    await sessions.close()
  })

  it('give way to newer ones when there are too many', async () => {
    let now = 0
    const sessions = new McpSessions(clockOf(() => now++))
    const first = await open(sessions, 'alice')
    for (let i = 0; i < 64; i++) await open(sessions, 'alice')
    expect(sessions.size).toBe(64)
    expect(sessions.find(first, 'alice')).toBeUndefined()
    await sessions.close()
  })
})

describe('sessions of several keys', () => {
  it('do not end each other: the key with most gives way', async () => {
    let now = 0
    const sessions = new McpSessions(clockOf(() => now++))
    const other = await open(sessions, 'bob')
    for (let i = 0; i < 100; i++) await open(sessions, 'alice')
    expect(sessions.size).toBe(64)
    expect(sessions.find(other, 'bob')).toBeTruthy()
    await sessions.close()
  })
})

describe('the event log of a session', () => {
  const message = (id: number, text = '') => ({ jsonrpc: '2.0' as const, id, result: { text } })
  const replay = async (log: EventLog, after: string) => {
    const got: unknown[] = []
    await log.replayEventsAfter(after, { send: async (_, one) => void got.push(one) })
    return got
  }

  it('replays what came after an event on the same stream', async () => {
    const log = new EventLog()
    const first = await log.storeEvent('a', message(1))
    await log.storeEvent('b', message(2))
    await log.storeEvent('a', message(3))
    expect(await log.getStreamIdForEventId(first)).toBe('a')
    expect(await replay(log, first)).toEqual([message(3)])
  })

  it('keeps no more than it may, the latest', async () => {
    const log = new EventLog()
    const first = await log.storeEvent('a', message(0))
    for (let i = 1; i <= 20; i++) await log.storeEvent('a', message(i, 'x'.repeat(100_000)))
    expect(await replay(log, first)).toHaveLength(9)
  })
})
