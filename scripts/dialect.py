#!/usr/bin/env python3
"""Asks a current ClickHouse (PyPI chdb, inside this process) what the tests asked Debian's:

    REVIER_SCANS=1000 REVIER_DUMP=/tmp/dump cargo test --test it shards_and_one
    scripts/dialect.py /tmp/dump

The folder has the columns, the lines and the statements with their answers. Not part of the checks.
"""
import json
import re
import sys
from pathlib import Path

from chdb import session

folder = Path(sys.argv[1])
columns = (folder / "columns.sql").read_text()
server = session.Session()
print("ClickHouse", server.query("SELECT version()", "TabSeparated").data().strip())
server.query("CREATE DATABASE d")
server.query(
    f"CREATE TABLE d.sale ({columns}) ENGINE = MergeTree PARTITION BY part "
    "ORDER BY (country, state, district, municipality, account, day)"
)
server.query(f"INSERT INTO d.sale SELECT * FROM file('{folder}/lines.bin', 'RowBinary', '{columns}')")
asked = wrong = 0
for line in (folder / "asked.jsonl").open():
    sql, expected = json.loads(line)
    sql = re.sub(r"`revier_sale_\w+`", "d.sale", sql)
    settings = " SETTINGS max_query_size = 268435456, max_ast_elements = 50000000"
    text = server.query(sql + settings, "TabSeparated").data()
    rows = sorted([int(word) for word in row.split("\t")] for row in text.splitlines())
    asked += 1
    if rows != sorted(expected):
        wrong += 1
        print("differs:", sql)
print(f"{asked} statements, {wrong} with another answer")
sys.exit(wrong > 0)
