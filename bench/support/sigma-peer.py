"""Evaluates Sigma rules with pySigma's SQLite backend.

Reads a JSON array of {"path", "fields", "events"} from standard input; writes one line for each: the indexes of the
events that match, or null where the backend cannot convert the rule.
"""
import json
import re
import sqlite3
import sys

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection


def regexp(pattern, value):
    return value is not None and re.search(pattern, str(value)) is not None


for case in json.load(sys.stdin):
    try:
        with open(case["path"], encoding="utf-8") as file:
            queries = sqliteBackend().convert(SigmaCollection.from_yaml(file.read()))
        base = sqlite3.connect(":memory:")
        base.create_function("REGEXP", 2, regexp)
        columns = ", ".join('"%s"' % field for field in case["fields"])
        base.execute("CREATE TABLE events (position INTEGER, %s)" % columns)
        # Some versions of the backend leave a mark for the table's name, others call it logs.
        base.execute("CREATE VIEW logs AS SELECT * FROM events")
        marks = ", ".join("?" for _ in range(len(case["fields"]) + 1))
        for position, event in enumerate(case["events"]):
            base.execute("INSERT INTO events VALUES (%s)" % marks, [position] + [event.get(f) for f in case["fields"]])
        found = set()
        for query in queries:
            found.update(row[0] for row in base.execute(query.replace("<TABLE_NAME>", "events")))
        print(json.dumps(sorted(found)))
    except Exception as error:  # A rule that the peer cannot run is no disagreement; it is counted apart.
        print("null")
        print(str(error)[:200], file=sys.stderr)
