"""Styles of machines' messages: system logs, web servers' logs, alerts and stack traces."""

from .fields import PROGRAM, Naming
from .maker import Maker, Pieces
from .records import choose_kinds, one_line, record

_HEADS = (
    "{log_time} INFO ",
    "{log_time} \\[[INFO|WARN|ERROR|DEBUG]\\] ",
    "\\[{log_time}\\] ",
    "{log_time} [web01|db-2|prod|gateway] [sshd|app|cron|kernel|nginx|postfix]\\[{count}\\]: ",
    "{log_time} [ERROR|WARN] \\[[main|worker-3|http-8080]\\] [com.acme.Auth|app.users|c.b.Payment] - ",
    "{log_time} {noun}-{noun2} {soft}\\[{line}\\]: ",
    "{log_time} {noun} {soft}\\[{line}\\]: ",
    "{timestamp} {noun}{small} {dotted} ",
    "<{small}>{log_time} {ip} ",
    "[INFO|WARNING|ERROR]:[root|auth|api]:",
    "{timestamp} level=[info|warn|error] ",
    "level=[info|error] ts={timestamp} ",
    "[I|W|E] {clock_digits} [auth|billing|mail]: ",
    "{log_time} | [INFO|ERROR] | [users|orders] | ",
    'time="{timestamp}" msg=',
    "",
)
_EVENTS = (
    "User {user} logged in from {ip}",
    "Failed password for [invalid user |]{user} from {ip} port {port} ssh2",
    "Accepted publickey for {user} from {ip} port {port}",
    "user={user} ip={ip} action=[login|logout|delete|export] status=[ok|fail]",
    "user_id={uid} email={email} event=[signup|purchase|reset]",
    "[Sent|Queued|Bounced] mail to <{email}> from <{email2}> id={request}",
    "DHCPACK on {ip} to {mac} [via eth0|(laptop)]",
    "DHCPREQUEST for {ip} from {mac}",
    "wlan0: STA {mac} IEEE 802.11: associated",
    "Created account for {full} ({email})",
    "Password reset requested by {email} from {ip}",
    "Payment of {money} by {full} with card {card} [declined|approved]",
    "Charge failed for customer {cust}: card ending {card_end}",
    "Authorization header: Bearer {key}",
    "Invalid API key {key}",
    "session started uid={uid} token={key}",
    "Updated address of {cust} to {address}",
    "sms sent to {phone}: your code is {otp}",
    "connection from {ipv}:{port} to {ipv2}:443 [closed|refused|reset by peer]",
    "GET {url} {small}00 {count}ms",
    "{user} : TTY=pts/{small} ; PWD=/home/{user} ; USER=root ; COMMAND=/bin/ls",
    "sudo: {user} : authentication failure",
    "blocked {ip} after {small} attempts",
    "audit: {full} ({emp}) viewed record {mrn}",
    "[Exported|Imported] {count} rows by {user}",
    "lookup of {ssn} returned {small} results",
    "KYC check passed for {full}, born {dob}, passport {passport}",
    "IBAN {iban} rejected: wrong checksum",
    "plate {plate} entered gate {small}",
    "SIP/2.0 200 OK From: <sip:{user}@{ip}>",
    "LDAP bind cn={full},ou=users,dc=corp",
    'msg="profile updated" name="{full}" phone="{phone}" city="{city}"',
    "webhook from {url} signature {key}",
    "db login {user}:{password}@{ip}/app",
    "Ticket {ticket} assigned to {full}",
    "call from {phone} to {phone2}, {small} minutes",
    "checkout by {email}, ship to {street}, {city}",
    "RADIUS Access-Reject {user} {mac}",
    "peer {ip} went away",
    "{handle} mentioned {handle2}",
    "TLS handshake error from {ipv}:{port}: EOF",
)
_NEUTRAL_EVENTS = (
    "Service started, version [{version}|{quad}]",
    "Job {request} finished in {count} ms",
    "cache miss ratio {percent}%",
    "retry {small}/{small2} after timeout",
    "GC pause {percent} ms, heap {count} MB",
    "request {request} returned {small}00",
    "order {order} moved to {status}",
    "error {error} while reading {file}",
    "checksum {commit} verified",
    "listening on port {port}",
    "health check ok",
    "disk usage {percent}% on /dev/sda1",
    "user root logged in on console",
    "rotating logs, keeping {small} files",
    "migration {version} applied",
    "queue depth {count}",
    "session closed for user root",
    "admin panel enabled",
    "invoice {invoice} rendered",
    "deploy {commit} to prod done",
    "thread-{small} idle",
    "parsing line {count} of {file}",
    "usb 1-{small}: new device, serial {serial}",
    "Out of memory: killed process {count} (java)",
)

_ACCESS = (
    '{ip} - {user} \\[{log_time}\\] "[GET|POST] /[index.html|login|cart|api/v1/items] HTTP/1.1" {small}00 {count}',
    '{ip} - - \\[{log_time}\\] "GET [/|/profile/{user}|/search?q={first}|/reset?email={email}] HTTP/2" 200 '
    '{count} "{url}" "Mozilla/5.0 (X11; Linux x86_64) Chrome/{quad}"',
    "{iso_date} {clock_digits} {ip} GET /app {port} {user} {ip2} Mozilla/5.0 200 0 {count}",
    '{ip}, {ip2} - "POST /login" 401 user={user}',
    '{domain}:443 {ip} - {email} \\[{log_time}\\] "PUT /users/{uid}" 204',
    '{ip} "DELETE /customers/{cust}" 403 rt={percent}',
)


def log(maker: Maker) -> Pieces:
    if maker.chance(0.2):
        head, events = "", _ACCESS
    else:
        head, events = maker.template(_HEADS), _EVENTS
    if maker.chance(0.12):
        return _pairs(maker)
    pieces: Pieces = []
    for place in range(maker.number(1, 6)):
        person = maker if place == 0 or maker.chance(0.4) else maker.another()
        # A line's time is its own.
        line = person if person is not maker else maker.another()
        neutral = events is _EVENTS and maker.chance(0.25)
        pieces += [
            ("\n" if place else "", None),
            *line.expand(head),
            *(
                line.expand("{machine_line}")
                if neutral and maker.chance(0.5)
                else person.one_of(*(_NEUTRAL_EVENTS if neutral else events))
            ),
        ]
    return pieces


def _pairs(maker: Maker) -> Pieces:
    """Lines of keys and values."""
    naming = Naming(maker, PROGRAM)
    kinds = choose_kinds(maker, 2, 6)
    joint, gap = maker.pick(("=", "=", ":", "=>")), maker.pick((" ", ", ", "; ", "|", "&", " "))
    pieces: Pieces = []
    for number in range(maker.number(1, 3)):
        person = maker if number == 0 else maker.another()
        pieces += [("\n" if number else "", None), *person.one_of("{log_time} ", "{timestamp} ", "", "event ")]
        for place, (kind, value) in enumerate(record(person, kinds)):
            value = one_line(value)
            quote = '"' if any(" " in text for text, _ in value) or maker.chance(0.2) else ""
            pieces += [((gap if place else "") + naming(kind) + joint + quote, None), *value, (quote, None)]
    return pieces


_FAILURES = (
    "KeyError: '{user}'",
    "ValueError: invalid email address: '{email}'",
    'IntegrityError: duplicate key value violates unique constraint "users_email_key"\nDETAIL: Key '
    "(email)=({email}) already exists.",
    'psycopg2.OperationalError: FATAL: password authentication failed for user "{user}"',
    "ConnectionError: could not connect to {ipv}:{port}",
    "requests.exceptions.HTTPError: 401 Client Error for url: {url}",
    "java.lang.IllegalArgumentException: bad IBAN {iban}",
    "com.acme.PaymentException: card {card} declined for {full}",
    "java.sql.SQLException: Access denied for user '{user}'@'{ip}' (using password: YES)",
    "TypeError: Cannot read properties of undefined (reading '{user}')",
    "UserNotFound: no user with id {uid}",
    "ValidationError: phone '{phone}' is not valid",
    "AssertionError: '{full}' != '{full2}'",
    "AuthError: token {key} has expired",
    "Exception: no address for customer {cust} ({full}, {street}, {city})",
    "pydantic.ValidationError: 1 validation error for Patient\nssn\n  got '{ssn}'",
    "ParseError: cannot parse date of birth '{dob}'",
    "RuntimeError: login failed (user={user}, password={password})",
    "smtplib.SMTPRecipientsRefused: \\{'{email}': (550, b'unknown')\\}",
    "NullPointerException: employee {emp} has no manager",
    "Error: ENOENT: no such file or directory, open '/home/{user}/{file}'",
)
_NEUTRAL_FAILURES = (
    "IndexError: list index out of range",
    "java.lang.OutOfMemoryError: Java heap space",
    "Error {error}: file {file} not found",
    "TimeoutError: request {request} took {count} ms",
    "AssertionError: expected {small}, got {small2}",
    "ModuleNotFoundError: No module named 'yaml'",
    "segfault at {error} in libc-{version}.so",
)
_FRAMES = (
    '  File "/srv/app/[views|models|auth].py", line {count}, in [get|save|main|handle]',
    "    at com.acme.[UserService|Orders|Auth].[find|load](Users.java:{count})",
    "    at [Object.parse|handler|next] (/app/src/[index|user].js:{count}:{small})",
    '  File "/home/{user}/project/[run|test].py", line {count}, in <module>',
    "    at C:\\\\Users\\\\{user}\\\\src\\\\Program.cs:line {count}",
    "        [goroutine|thread] {small} \\[running\\]:",
    "  from /usr/lib/ruby/gems/[rack|puma]-{version}/lib/app.rb:{count}",
)


def trace(maker: Maker) -> Pieces:
    of_nobody = maker.chance(0.4)
    frame = "{frame_line}" if of_nobody else maker.template(_FRAMES)
    pieces = maker.one_of(
        "Traceback (most recent call last):\n",
        'Exception in thread "main" ',
        "{log_time} ERROR Unhandled exception\n",
        "Caused by: ",
        "Uncaught ",
        "panic: ",
        "",
    )
    # Python names the error last, most others first.
    frames: Pieces = []
    for _ in range(maker.number(1, 3)):
        frames += [*(maker.another() if of_nobody else maker).expand(frame), ("\n", None)]
    failure = maker.one_of(*(_NEUTRAL_FAILURES if maker.chance(0.2) else _FAILURES))
    if pieces and pieces[0][0].startswith("Traceback"):
        return [*pieces, *frames, *failure]
    return [*pieces, *failure, ("\n", None), *frames]
