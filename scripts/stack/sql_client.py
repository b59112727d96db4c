"""What an analyst does from Python, by clickhouse-connect: url, user, password in; what came back out, as JSON."""

import json
import sys
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

url, user, password, table = sys.argv[1:]
address = urlsplit(url)
found = {}
for compress in ["gzip", "zstd", "lz4", False]:
    client = clickhouse_connect.get_client(
        host=address.hostname,
        port=address.port,
        proxy_path=address.path,
        username=user,
        password=password,
        compress=compress,
    )
    answers = {
        "parameters": client.query(
            "SELECT {text:String}, {list:Array(UInt8)}", parameters={"text": "it's", "list": [1, 2]}
        ).result_rows,
        "views": client.query("EXISTS sales_by_day").result_rows,
    }
    with client.query_row_block_stream("SELECT number FROM numbers(300000)") as blocks:
        answers["streamed"] = sum(len(block) for block in blocks)
    if table:
        client.insert(table, [[1, "'; DROP TABLE x; --"], [2, "文\n\n;"]], column_names=["n", "line"])
        answers["stored"] = client.query(f"SELECT DISTINCT n, line FROM {table} ORDER BY n").result_rows
    else:
        try:
            client.query("SELECT * FROM (SELECT 1 SETTINGS readonly = 0)")
        except DatabaseError as error:
            answers["refused"] = "ACCESS_DENIED" in str(error)
    found[str(compress)] = answers
print(json.dumps(found))
