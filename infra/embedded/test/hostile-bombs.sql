# More hostile requests, as in hostile.sql: what takes time, memory or stack. <3×(> is three times what follows ×.

## Statements too long or too deep, as analyst: 400 62, 400 117, 400 167, 400 168, 404 47, 404 60, 500 159, 500 306, 403 497
SELECT <200000×a>
SELECT * FROM <200000×a>
SELECT * FROM `<100000×ü>`
SELECT '<270000×x>'
SELECT <20000×(>1<20000×)>
SELECT <900×(>1
SELECT <20000×1+>1
SELECT <20000×- >1
SELECT <20000×NOT >1
SELECT <400×(SELECT >1<400×)>
SELECT <5000×CASE WHEN 1 THEN >1<5000× END>
SELECT <20000×/*>1<20000×*/>, nothing
SELECT CAST(1 AS <5000×Array(>UInt8<5000×)>)
SELECT [1]<20000×[1]>
SELECT 1 <10000×UNION ALL SELECT 1 >, nothing
SELECT * FROM <3000×(SELECT * FROM >sales<3000×)>
SELECT 1 WHERE 1 <20000×AND 1 > AND nothing
SELECT <20000×{>

## Memory bombs, as analyst: 500 241, 408 159, 500 128, 500 131, 400 69
SELECT length(groupArray(number)) FROM numbers(1e10)
SELECT length(groupArray(toString(number))) FROM numbers(1e10)
SELECT uniqExact(sipHash64(number)) FROM numbers(1e10)
SELECT number, count() FROM numbers(1e10) GROUP BY number
SELECT number FROM numbers(1e10) ORDER BY sipHash64(number)
SELECT count() FROM numbers(1e9) AS a JOIN numbers(1e9) AS b USING number
SELECT length(range(toUInt64(4e8)))
SELECT length(repeat('x', 1000000000))
SELECT length(repeat(repeat('x', 100000), 100000))
SELECT length(arrayWithConstant(1000000000, 'x'))
SELECT length(arrayResize([1], 1000000000))
SELECT length(arrayMap(x -> repeat('x', 100000), range(100000)))
SELECT length(randomString(1000000000))
SELECT toFixedString('x', 1000000000)
SELECT CAST('x' AS FixedString(1000000000000))
SELECT quantileExact(number) FROM numbers(1e10)
SELECT topK(1000000)(number) FROM numbers(1e9)
SELECT groupUniqArray(number) FROM numbers(1e10)
SELECT row_number() OVER (ORDER BY number) FROM numbers(1e10)
SELECT * FROM numbers(1e6) ARRAY JOIN range(1000000) AS a
SELECT length(h3kRing(644325529233966508, 10000))
SELECT length(h3PolygonToCells([(-170., -80.), (170., -80.), (170., 80.), (-170., 80.)], 15))
SELECT timeSlots(toDateTime(0), toUInt32(4000000000), 1)
WITH RECURSIVE t AS (SELECT 'x' AS s UNION ALL SELECT concat(s, s) FROM t) SELECT max(length(s)) FROM t

## Memory that nobody counts, as analyst: 403 497
SELECT printf('%1000000000s', 'x')
SELECT printf('%.2000000000f%.2000000000f', 1., 1.)
SELECT arrayMap(x -> printf(x, 'x'), ['%1000000000s'])

## Time bombs, as analyst: 408 159, 500 160, 500 306
SELECT count() FROM numbers(1e18) WHERE cityHash64(number) = 0
SELECT count() FROM numbers(1e6) AS a, numbers(1e6) AS b, numbers(1e6) AS c WHERE a.number * b.number = c.number
SELECT sum(number) FROM system.numbers
SELECT sleep(3)
SELECT sleep(1000)
SELECT sleep(3) FROM numbers(1000000)
SELECT sleepEachRow(0.0025) FROM numbers(1000)
SELECT sum(toUInt256(number) * toUInt256(number)) FROM numbers(1e12)
SELECT number FROM numbers(10) ORDER BY number WITH FILL FROM 0 TO 1000000000000 FORMAT Null
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT count() FROM t

## Values that break parsers, as analyst: 400 6, 400 36, 400 62, 400 117, 400 69, 500 306, 500 128, 500 43, 500 407, 500 153, 500 42, 500 241, 500 32, 500 33
SELECT repeat('[', 1000000)::JSON
SELECT ('{"a":' || repeat('[', 100000) || repeat(']', 100000) || '}')::JSON
SELECT formatQuery(repeat('(', 100000))
SELECT highlightQuery(repeat('(', 100000))
SELECT defaultValueOfTypeName(repeat('Array(', 100000) || 'UInt8' || repeat(')', 100000))
SELECT readWKT('MULTIPOLYGON(' || repeat('(', 100000))
SELECT readWKB(unhex('0106000000FFFFFFFF'))
SELECT readWKB(unhex(repeat('010700000001000000', 100000)))
SELECT pointInPolygon((nan, inf), [(0., 0.), (1e308, 1e308), (-1e308, nan)])
SELECT aes_decrypt_mysql('aes-128-ecb', 'x', '')
SELECT intDiv(-9223372036854775808, -1)
SELECT toDateTime64('9999-12-31', 9) + INTERVAL 9223372036854775807 SECOND
SELECT round(1e308, -2147483648)
SELECT finalizeAggregation(CAST(unhex(repeat('FF', 40)) AS AggregateFunction(groupArray, String)))
SELECT finalizeAggregation(CAST(unhex(repeat('FF', 40)) AS AggregateFunction(quantilesTDigest(0.5), Float64)))
SELECT finalizeAggregation(CAST(unhex(repeat('80', 40)) AS AggregateFunction(uniqCombined64, String)))
SELECT finalizeAggregation(CAST(unhex(repeat('FF', 40)) AS AggregateFunction(topK(3), String)))
SELECT finalizeAggregation(CAST(unhex('FFFFFFFFFFFFFFFF7F') AS AggregateFunction(groupBitmap, UInt64)))
