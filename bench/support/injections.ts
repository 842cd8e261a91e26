import type { Labelled } from './web-corpora.ts'

/** Parts of an LDAP filter that an injected value closes, and what it adds. */
const CLOSINGS = ['*)', 'x)', '*))', 'admin)', '*)(cn=*)']
const ADDITIONS = [
  '(uid=*',
  '(|(uid=*',
  '(&(uid=*',
  '(!(cn=x',
  '(objectClass=*)',
  '(userPassword=a*)',
  '(sn=*))%00',
  '(&',
]
const WHOLE = [
  '(|(mail=*))',
  '(&(objectClass=user)(cn=*))',
  '*(|(objectclass=*))',
  '*()|%26%27',
  "*()|&'",
  '*|',
  'admin*)((|userPassword=*)',
  'admin)(!(&(|',
  '*))%00',
  '\\2a\\29\\28uid=\\2a',
  '(memberOf:1.2.840.113556.1.4.1941:=cn=admins)',
]

/** Values that leave an LDAP filter, by mechanism: closing and adding, whole filters, escapes of RFC 4515. */
export function ldapInjections(): Labelled[] {
  const values = [...CLOSINGS.flatMap((closing) => ADDITIONS.map((added) => closing + added)), ...WHOLE]
  return values.flatMap((value) => [
    { request: { target: `/people?name=${value.replaceAll('&', '%26')}` }, label: 'ldap' },
    { request: { target: `/people?name=${encodeURIComponent(decode(value))}` }, label: 'ldap' },
  ])
}

const PARAMETERS = ['next', 'url', 'redirect_uri', 'returnUrl', 'dest', 'continue', 'goto', 'callback', 'back', 'r']
/** Addresses of another site that are not a plain URL, so that a check of the beginning of the value passes them. */
const ADDRESSES = [
  '//evil.example',
  '///evil.example/a',
  '////evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/\\/evil.example',
  '/\t/evil.example',
  '/ /evil.example',
  '//\\evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  'https:\\\\evil.example',
  'https://shop.example@evil.example/',
  '//shop.example@evil.example/',
  '@evil.example',
  '//evil。example',
  '//evil.example/..',
  'hTTps:evil.example',
  '//[::ffff:203.0.113.5]/',
  '//3405803781/',
]

/** Redirects to another site, by mechanism: the form of the address, the name of the parameter, the encoding. */
export function redirects(): Labelled[] {
  const written = [encodeURIComponent, (text: string) => encodeURIComponent(encodeURIComponent(text)), encodeURI]
  const inParameters = PARAMETERS.flatMap((name) =>
    ADDRESSES.flatMap((address) => written.map((write) => `/login?${name}=${write(address)}`)),
  )
  const inPaths = [
    '//evil.example/%2f..',
    '/%5cevil.example/',
    '/%09/evil.example',
    '//evil.example/%2e%2e',
    '/%5c%5cevil.example',
  ]
  return [...inParameters, ...inPaths].map((target) => ({ request: { target }, label: 'redirect' }))
}

function decode(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
