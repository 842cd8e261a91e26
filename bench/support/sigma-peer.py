"""Evaluates Sigma rules with pySigma's SQLite backend.

Reads a JSON array of {"path", "fields", "events", "placeholders"} from standard input; writes one line for each: the indexes of the
events that match, or null where the backend cannot convert the rule.

"All values are treated as case-insensitive strings" (the Sigma specification, "General"), so the columns are text
without case, as the backend's documentation wants its tables to be. SQLite by itself knows the case of ASCII only,
so events with other letters are compared by functions that know theirs. Keywords are looked for in one column.
"""
import json
import re
import sqlite3
import sys

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import ValueListPlaceholderTransformation

WHOLE_MESSAGE = "oddline_message"


def regexp(pattern, value):
    return value is not None and re.search(pattern, str(value)) is not None


def like(pattern, value, escape):
    """SQLite's LIKE, with the case of every script."""
    if value is None:
        return None
    parts = re.findall(re.escape(escape) + r".|[%_]|[^%_]", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    source = "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(source.lower(), value.lower(), re.DOTALL) is not None


def without_case(one, other):
    one, other = one.lower(), other.lower()
    return (one > other) - (one < other)


for case in json.load(sys.stdin):
    try:
        with open(case["path"], encoding="utf-8") as file:
            rules = SigmaCollection.from_yaml(file.read())
        pipeline = ProcessingPipeline(
            items=[ProcessingItem(ValueListPlaceholderTransformation())], vars=case["placeholders"]
        )
        queries = sqliteBackend(pipeline, fulltext_field=WHOLE_MESSAGE, table="events").convert(rules)
        base = sqlite3.connect(":memory:")
        base.create_function("REGEXP", 2, regexp)
        if not (json.dumps(case["events"], ensure_ascii=False) + "".join(queries)).isascii():
            base.create_function("LIKE", 3, like)
            base.create_collation("NOCASE", without_case)
        columns = ", ".join('"%s" TEXT COLLATE NOCASE' % field for field in case["fields"])
        base.execute("CREATE TABLE events (position INTEGER, %s)" % columns)
        marks = ", ".join("?" for _ in range(len(case["fields"]) + 1))
        for position, event in enumerate(case["events"]):
            base.execute("INSERT INTO events VALUES (%s)" % marks, [position] + [event.get(f) for f in case["fields"]])
        found = set()
        for query in queries:
            found.update(row[0] for row in base.execute(query))
        print(json.dumps(sorted(found)))
    except Exception as error:  # A rule that the peer cannot run is no disagreement; it is counted apart.
        print("null")
        print(case["path"], str(error)[:200], file=sys.stderr)
