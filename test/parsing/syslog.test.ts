import { describe, expect, it } from 'vitest'
import { OUTCOME_FAILURE, OUTCOME_SUCCESS, OUTCOME_UNKNOWN, type SecurityBlock } from '../../src/core/columns/block.ts'
import type { Sniffed } from '../../src/core/parsed.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { blockOf } from './blocks.ts'

const SYSLOG: Sniffed = { format: 'syslog', framing: 'lines', context: '' }

function parse(records: (string | Buffer)[]) {
  const parsed = createParser().parse(blockOf(records), SYSLOG)
  return { ...parsed, events: parsed.events as SecurityBlock }
}

function read(record: string) {
  const { events, rejects } = parse([record])
  expect(rejects).toEqual([])
  return {
    time: events.time[0],
    host: events.host.at(0),
    program: events.program.at(0),
    type: events.eventType.at(0),
    outcome: events.outcome[0],
    user: events.user.at(0),
    ip: events.sourceIp.at(0),
    action: events.action.at(0),
    message: events.message.at(0),
  }
}

describe('syslog headers', () => {
  const time = Date.UTC(2017, 2, 7, 6, 25, 24)

  it.each([
    ['RFC 3164', 'Mar  7 06:25:24 web-1 sshd[99]: hello', time],
    ['RFC 3164 with priority', '<34>Mar  7 06:25:24 web-1 sshd[99]: hello', time],
    ['RFC 3164 with a zero before the day', 'Mar 07 06:25:24 web-1 sshd: hello', time],
    ['RFC 3164 with a year', 'Mar  7 2011 06:25:24 web-1 sshd: hello', Date.UTC(2011, 2, 7, 6, 25, 24)],
    ['RFC 3164 with a fraction', 'Mar  7 06:25:24.123 web-1 sshd: hello', time],
    ['an ISO timestamp', '2017-03-07T07:25:24.250+01:00 web-1 sshd[99]: hello', time + 250],
    ['RFC 5424', '<34>1 2017-03-07T06:25:24Z web-1 sshd 99 ID1 - hello', time],
    ['RFC 5424 with structured data', '<34>1 2017-03-07T06:25:24Z web-1 sshd 99 - [a x="]\\"["][b] \ufeffhello', time],
    ['the old tag of PAM', 'Mar  7 06:25:24 web-1 sshd(pam_unix)[99]: hello', time],
  ])('reads %s', (_, record, expected) => {
    expect(read(record)).toMatchObject({ time: expected, host: 'web-1', program: 'sshd', message: 'hello' })
  })

  it('leaves absent values of RFC 5424 empty', () => {
    const event = read('<0>1 - - - - - -')
    expect(event).toMatchObject({ host: '', program: '', message: '', time: Number.NaN })
  })

  it('takes a line without a tag as all message', () => {
    expect(read('Mar  7 06:25:24 web-1 -- MARK --')).toMatchObject({ program: '', message: '-- MARK --' })
  })

  it.each([
    ['hello world', 'no time'],
    ['2017-03-07 06:25:24 INFO a blank for the T is an application', 'no time'],
    ['Foo  7 06:25:24 web-1 sshd: x', 'no time'],
    ['Mar 32 06:25:24 web-1 sshd: x', 'no time'],
    ['Mar  7 06:25:24', 'nothing after the time'],
    ['<34>1 2017-03-07T06:25:24Z web-1 sshd', 'fewer than the seven fields'],
    ['<34>1 2017-03-07T06:25:24Z web-1 sshd 99 - [a x="', 'does not end'],
  ])('rejects %j', (record, reason) => {
    const { events, rejects } = parse([record])
    expect(events.count).toBe(0)
    expect(rejects).toHaveLength(1)
    expect(rejects[0].reason).toContain(reason)
  })

  it('does not let a carriage return into the message', () => {
    expect(read('Mar  7 06:25:24 web-1 sshd[9]: Connection closed by 192.0.2.1 [preauth]\r')).toMatchObject({
      type: 'preauth_disconnect',
      message: 'Connection closed by 192.0.2.1 [preauth]',
    })
  })
})

const F = OUTCOME_FAILURE
const S = OUTCOME_SUCCESS
const U = OUTCOME_UNKNOWN

describe('syslog messages', () => {
  it.each([
    [
      'sshd[9]',
      'Failed password for root from 192.0.2.1 port 22 ssh2',
      'login_failure',
      F,
      'root',
      '192.0.2.1',
      'password',
    ],
    [
      'sshd[9]',
      'Failed password for invalid user bob from 192.0.2.1 port 22 ssh2',
      'login_failure',
      F,
      'bob',
      '192.0.2.1',
      'password',
    ],
    [
      'sshd[9]',
      'Failed password for invalid user  from 192.0.2.1 port 22 ssh2',
      'login_failure',
      F,
      '',
      '192.0.2.1',
      'password',
    ],
    [
      'sshd[9]',
      'Failed none for invalid user 0 from 2001:db8::1 port 22 ssh2',
      'login_failure',
      F,
      '0',
      '2001:db8::1',
      'none',
    ],
    [
      'sshd-session[9]',
      'Failed publickey for amy from 192.0.2.1 port 22 ssh2: RSA SHA256:x',
      'login_failure',
      F,
      'amy',
      '192.0.2.1',
      'publickey',
    ],
    [
      'sshd[9]',
      'Accepted publickey for amy from 192.0.2.1 port 22 ssh2: RSA SHA256:x',
      'login_success',
      S,
      'amy',
      '192.0.2.1',
      'publickey',
    ],
    [
      'sshd[9]',
      'Accepted keyboard-interactive/pam for amy from 192.0.2.1 port 22 ssh2',
      'login_success',
      S,
      'amy',
      '192.0.2.1',
      'keyboard-interactive/pam',
    ],
    ['sshd[9]', 'Invalid user bob from 192.0.2.1 port 22', 'invalid_user', F, 'bob', '192.0.2.1', ''],
    ['sshd[9]', 'Invalid user  from 192.0.2.1', 'invalid_user', F, '', '192.0.2.1', ''],
    ['sshd[9]', 'input_userauth_request: invalid user bob [preauth]', 'other', F, 'bob', '', ''],
    ['sshd[9]', 'Connection closed by 192.0.2.1 port 22', 'connection_closed', U, '', '192.0.2.1', ''],
    ['sshd[9]', 'Connection closed by 192.0.2.1 [preauth]', 'preauth_disconnect', U, '', '192.0.2.1', ''],
    [
      'sshd[9]',
      'Connection closed by authenticating user root 192.0.2.1 port 22 [preauth]',
      'preauth_disconnect',
      U,
      'root',
      '192.0.2.1',
      '',
    ],
    [
      'sshd[9]',
      'Connection reset by invalid user a b 192.0.2.1 port 22 [preauth]',
      'preauth_disconnect',
      U,
      'a b',
      '192.0.2.1',
      '',
    ],
    ['sshd[9]', 'Disconnected from user amy 192.0.2.1 port 22', 'connection_closed', U, 'amy', '192.0.2.1', ''],
    [
      'sshd[9]',
      'Received disconnect from 192.0.2.1: 11: Bye Bye [preauth]',
      'preauth_disconnect',
      U,
      '',
      '192.0.2.1',
      '',
    ],
    [
      'sshd[9]',
      'Received disconnect from 192.0.2.1 port 22:11: disconnected by user',
      'connection_closed',
      U,
      '',
      '192.0.2.1',
      '',
    ],
    [
      'sshd[9]',
      'Disconnecting: Too many authentication failures for admin [preauth]',
      'preauth_disconnect',
      U,
      'admin',
      '',
      '',
    ],
    [
      'sshd[9]',
      'error: maximum authentication attempts exceeded for invalid user bob from 192.0.2.1 port 22 ssh2 [preauth]',
      'preauth_disconnect',
      F,
      'bob',
      '192.0.2.1',
      'max_attempts',
    ],
    [
      'sshd[9]',
      "Bad protocol version identification 'GET / from 198.51.100.9' from 192.0.2.1 port 22",
      'preauth_disconnect',
      U,
      '',
      '192.0.2.1',
      'bad_protocol',
    ],
    [
      'sshd[9]',
      'User bob from 192.0.2.1 not allowed because not listed in AllowUsers',
      'login_failure',
      F,
      'bob',
      '192.0.2.1',
      'not_allowed',
    ],
    ['sshd[9]', 'User child is on pid 17', 'other', U, '', '', ''],
    [
      'sshd[9]',
      'message repeated 5 times: [ Failed password for root from 192.0.2.1 port 22 ssh2]',
      'login_failure',
      F,
      'root',
      '192.0.2.1',
      'repeated',
    ],
    [
      'sshd[9]',
      'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root',
      'other',
      F,
      'root',
      '192.0.2.1',
      'pam_authentication_failure',
    ],
    [
      'vsftpd[9]',
      'pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=x rhost=192.0.2.1  user=ftp',
      'login_failure',
      F,
      'ftp',
      '192.0.2.1',
      'pam_authentication_failure',
    ],
    [
      'sshd(pam_unix)[9]',
      'authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=192.0.2.1  user=root',
      'login_failure',
      F,
      'root',
      '192.0.2.1',
      'pam_authentication_failure',
    ],
    [
      'sudo',
      'pam_unix(sudo:auth): authentication failure; logname=amy uid=1000 euid=0 tty=/dev/pts/0 ruser=amy rhost=  user=root',
      'sudo',
      F,
      'amy',
      '',
      'pam_authentication_failure',
    ],
    [
      'sshd[9]',
      'pam_unix(sshd:session): session opened for user amy(uid=1000) by (uid=0)',
      'session_opened',
      S,
      'amy',
      '',
      '',
    ],
    ['sshd[9]', 'pam_unix(sshd:session): session closed for user amy', 'session_closed', S, 'amy', '', ''],
    ['CRON[9]', 'pam_unix(cron:session): session opened for user root by (uid=0)', 'cron', S, 'root', '', ''],
    ['CRON[9]', '(root) CMD (   run-parts /etc/cron.hourly)', 'cron', U, 'root', '', 'run-parts /etc/cron.hourly'],
    [
      'sudo',
      '  amy : TTY=pts/0 ; PWD=/home/amy ; USER=root ; COMMAND=/bin/cat /etc/shadow',
      'sudo',
      S,
      'amy',
      '',
      '/bin/cat /etc/shadow',
    ],
    [
      'sudo',
      '  amy : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      'sudo',
      F,
      'amy',
      '',
      '/bin/sh',
    ],
    [
      'sudo',
      '  bob : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      'sudo',
      F,
      'bob',
      '',
      '/bin/sh',
    ],
    ['su[9]', 'Successful su for root by amy', 'su', S, 'amy', '', 'root'],
    ['su[9]', 'FAILED su for root by bob', 'su', F, 'bob', '', 'root'],
    ['su[9]', '(to root) amy on pts/0', 'su', S, 'amy', '', 'root'],
    ['su[9]', 'FAILED SU (to root) bob on pts/0', 'su', F, 'bob', '', 'root'],
    [
      'useradd[9]',
      'new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/sh',
      'account_change',
      S,
      'eve',
      '',
      'added',
    ],
    ['useradd[9]', "failed adding user 'eve', data deleted", 'account_change', F, 'eve', '', 'failed'],
    ['usermod[9]', "add 'eve' to group 'sudo'", 'account_change', S, 'eve', '', 'added'],
    ['userdel[9]', "delete user 'eve'", 'account_change', S, 'eve', '', 'removed'],
    ['groupadd[9]', 'new group: name=eve, GID=1001', 'account_change', S, 'eve', '', 'added'],
    ['passwd[9]', 'pam_unix(passwd:chauthtok): password changed for amy', 'password_change', S, 'amy', '', ''],
    [
      'chpasswd[9]',
      'pam_unix(chpasswd:chauthtok): user "eve" does not exist in /etc/passwd',
      'password_change',
      F,
      'eve',
      '',
      '',
    ],
    ['systemd-logind[9]', 'New session 5 of user amy.', 'session_opened', S, 'amy', '', ''],
    ['systemd-logind[9]', "New session '5' of user 'amy' with class 'user'.", 'session_opened', S, 'amy', '', ''],
    ['systemd-logind[9]', 'Removed session 5.', 'session_closed', S, '', '', ''],
    [
      'login[9]',
      "FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure",
      'login_failure',
      F,
      'root',
      '',
      'console',
    ],
    ['kernel', 'Linux version 6.1', 'other', U, '', '', ''],
  ])('%s: %s', (tag, message, type, outcome, user, ip, action) => {
    const event = read(`Mar  7 06:25:24 web-1 ${tag}: ${message}`)
    expect(event).toMatchObject({ type, outcome, user, ip, action })
  })

  it('takes the address that the server wrote, not one in the name that the client gave', () => {
    const name = 'root from 198.51.100.7 port 1 ssh2'
    const event = read(
      `Mar  7 06:25:24 web-1 sshd[9]: Failed password for invalid user ${name} from 192.0.2.1 port 22 ssh2`,
    )
    expect(event).toMatchObject({ user: name, ip: '192.0.2.1' })
  })
})

describe('numbers of texts in syslog', () => {
  it('are the same for the same action, host and user, also where there are more actions than are kept', () => {
    const parser = createParser()
    const commands = Array.from(
      { length: 5000 },
      (_, i) => `Mar  7 06:25:24 web-${i % 2} CRON[1]: (root) CMD (job ${i})`,
    )
    let epoch: number | undefined
    for (const records of [commands, commands.slice(0, 3), [commands[2], commands[2], commands[1]]]) {
      const events = parser.parse(blockOf(records), SYSLOG).events as SecurityBlock
      for (const [i] of records.entries()) {
        expect(events.action.at(i)).toBe(/\((job \d+)\)/.exec(records[i])![1])
      }
      const { of, epoch: now } = events.action.ids!
      for (const column of [events.action, events.host, events.user]) {
        const numbers = new Map<string, number>()
        for (const [i] of records.entries()) {
          const id = column.ids!.of[i]
          expect(numbers.get(column.at(i)) ?? id).toBe(id)
          numbers.set(column.at(i), id)
        }
        expect(new Set(numbers.values()).size).toBe(numbers.size)
      }
      if (records.length === 3) expect(now).not.toBe(epoch)
      if (records[0] === records[1]) expect([...of]).toEqual([2, 2, 1])
      epoch ??= now
    }
  })
})
